// The CUDA kernels' formulas for float16 and bfloat16 over all their 65,536 inputs, with approximate functions that err
// to either side by as much as the device's may, held to values computed in float64 by the C library.
//
// Prints the largest errors in ULP, and exits with 1 if one is above what csrc/numbers/coarse.h states, or if a special
// value or a sign is wrong.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "csrc/cuda/elements.h"
#include "tests/kernels/erring.h"

namespace {

using tfcustomact::DType;
using tfcustomact::Erring;
using tfcustomact::Order;

constexpr double kStated = 0.51;

struct Format {
  int mantissa_bits, smallest_exponent, largest_exponent;

  // The distance of neighbours at the exact value.
  double Ulp(double exact) const {
    return std::ldexp(1.0,
                      std::max(exact == 0 ? smallest_exponent : std::ilogb(exact), smallest_exponent) - mantissa_bits);
  }
  double Round(double a) const {
    if (!std::isfinite(a)) return a;
    const double ulp = Ulp(a), rounded = std::nearbyint(a / ulp) * ulp;
    return std::abs(rounded) >= std::ldexp(1.0, largest_exponent + 1) ? std::copysign(INFINITY, a) : rounded;
  }
  float FromBits(std::uint32_t bits) const {
    const std::uint32_t exponent_bits = 15 - mantissa_bits, exponent = (bits & 0x7fff) >> mantissa_bits;
    const std::uint32_t mantissa = bits & ((1u << mantissa_bits) - 1);
    double size = std::ldexp(mantissa + (exponent > 0 ? std::ldexp(1.0, mantissa_bits) : 0),
                             std::max<int>(exponent, 1) - 1 + smallest_exponent - mantissa_bits);
    if (exponent == (1u << exponent_bits) - 1) size = mantissa == 0 ? INFINITY : NAN;
    return static_cast<float>(bits >> 15 ? -size : size);
  }
};

constexpr Format kFloat16 = {10, -14, 15}, kBFloat16 = {7, -126, 127};

// Swish of x, or its derivatives, where the C library's exponential neither overflows nor cancels.
double ExactSwish(Order order, double x, double beta) {
  const double t = beta * x, size = std::abs(t);
  if (std::isinf(t)) {
    if (order == Order::kValue) return t > 0 ? x : std::copysign(0.0, x);
    return order == Order::kSlope && t > 0 ? 1 : 0;
  }
  if (beta == 0 && std::isinf(x)) return order == Order::kValue ? x / 2 : order == Order::kSlope ? 0.5 : 0;
  const double power = std::exp(-size), sum = 1 + power, tail = power / sum;
  if (order == Order::kValue) return t > 0 ? x / sum : x * tail;
  if (order == Order::kSlope) {
    const double left = tail * (1 - size + size * tail);
    return t > 0 ? 1 - left : left;
  }
  return beta * tail / sum * (2 - size * (1 - power) / sum);
}

double ExactElu(Order order, double x, double alpha) {
  if (order == Order::kValue) return x < 0 ? alpha * std::expm1(x) : x;
  if (x > 0) return order == Order::kSlope ? 1 : 0;
  return alpha * std::exp(x);
}

// Around the roots of Swish's derivatives, at t = beta * x, no relative error can be promised: errors are in ULPs of
// this.
double NearRoot(Order order, double t) {
  if (order == Order::kSlope && t >= -2 && t <= -0.8) return 0x1p-4;
  return order == Order::kCurvature && std::abs(t) > 2 && std::abs(t) < 3 ? 0x1p-4 : 0;
}

template <class Element>
double LargestError(const Format& format, double parameter, double (*exact_of)(Order, double, double)) {
  constexpr Order kOrder = Element::kDerivative;
  const Element element(parameter);
  const double rounded_parameter = static_cast<float>(parameter);
  double largest = 0;
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const float x = format.FromBits(bits);
    const double exact = exact_of(kOrder, x, rounded_parameter), got = format.Round(element.OfAny(1, x));
    double error = 0;
    if (std::isnan(exact) || std::isnan(got)) {
      error = std::isnan(exact) == std::isnan(got) ? 0 : INFINITY;
    } else if (std::isinf(got) || std::isinf(format.Round(exact))) {
      error = got == format.Round(exact) ? 0 : INFINITY;
    } else {
      const double unit = NearRoot(kOrder, x * rounded_parameter);
      error = std::abs(got - exact) / format.Ulp(std::max(std::abs(exact), unit));
      if (kOrder == Order::kValue && got == 0 && std::signbit(got) != std::signbit(exact)) error = INFINITY;
    }
    largest = std::max(largest, error);
  }
  return largest;
}

template <template <class> class Formula, Order kOrder, DType kDType, class Approximate>
using Element = typename tfcustomact::cuda::ElementOf<Formula, kOrder, kDType, Approximate>::Type;

template <template <class> class Formula, Order kOrder, DType kDType>
bool Check(const char* name, double (*exact_of)(Order, double, double)) {
  const Format& format = kDType == DType::kFloat16 ? kFloat16 : kBFloat16;
  double largest = 0;
  for (double parameter : {1.0, 1.7, -0.3, 1e-3, 300.0, 0.0, 1e-35, -1e35}) {
    largest =
        std::max({largest, LargestError<Element<Formula, kOrder, kDType, Erring<2, 1>>>(format, parameter, exact_of),
                  LargestError<Element<Formula, kOrder, kDType, Erring<2, -1>>>(format, parameter, exact_of),
                  LargestError<Element<Formula, kOrder, kDType, Erring<-2, 1>>>(format, parameter, exact_of),
                  LargestError<Element<Formula, kOrder, kDType, Erring<-2, -1>>>(format, parameter, exact_of)});
  }
  std::printf("%-8s %-6s %.4f ULP, stated %.2f%s\n", kDType == DType::kFloat16 ? "float16" : "bfloat16", name, largest,
              kStated, largest <= kStated ? "" : "  ABOVE");
  return largest <= kStated;
}

template <DType kDType>
bool CheckAll() {
  using namespace tfcustomact;
  bool holds = Check<Swish, Order::kValue, kDType>("swish", ExactSwish);
  holds &= Check<Swish, Order::kSlope, kDType>("swish'", ExactSwish);
  holds &= Check<Swish, Order::kCurvature, kDType>("swish''", ExactSwish);
  holds &= Check<Elu, Order::kValue, kDType>("elu", ExactElu);
  holds &= Check<Elu, Order::kSlope, kDType>("elu'", ExactElu);
  holds &= Check<Elu, Order::kCurvature, kDType>("elu''", ExactElu);
  return holds;
}

}  // namespace

int main() {
  const bool float16_holds = CheckAll<DType::kFloat16>(), bfloat16_holds = CheckAll<DType::kBFloat16>();
  return float16_holds && bfloat16_holds ? 0 : 1;
}
