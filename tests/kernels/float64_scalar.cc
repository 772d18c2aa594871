// The CUDA kernels' formulas for float64, compiled for the host, held to values computed in long double.
//
// Prints the largest errors in ULP, and exits with 1 if one is above what csrc/cuda/float64.h states, or if a special
// value is wrong.
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "tests/kernels/scalar_kernels.h"

namespace {

using tfcustomact::Activation;
using tfcustomact::DType;
using tfcustomact::Order;

static_assert(LDBL_MANT_DIG >= 64, "long double must be exacter than double");

// Random bits, numbers where the functions bend, their tails, and special values.
std::vector<double> Inputs() {
  constexpr int kSize = 300'000;
  std::vector<double> x = {0.0, -0.0, INFINITY, -INFINITY, NAN, DBL_MIN, -DBL_MIN, DBL_MAX, -DBL_MAX, 0x1p-1074};
  std::uint64_t state = 1;
  const auto next = [&] { return state = state * 6364136223846793005 + 1442695040888963407; };
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * std::ldexp(double(next() >> 11), -53);
  };
  for (int i = 0; i < kSize; ++i) {
    const std::uint64_t bits = next() ^ next() >> 32;
    double any;
    std::memcpy(&any, &bits, sizeof any);
    x.push_back(any);
    x.push_back(uniform(-5, 5));
    x.push_back(uniform(-750, 750));
    x.push_back(std::copysign(std::exp2(uniform(-80, 3)), uniform(-1, 1)));
  }
  return x;
}

long double ExactSwish(Order order, long double x, long double beta) {
  const long double t = beta * x, size = std::abs(t);
  if (std::isinf(x) || size > 11000) {
    if (order == Order::kValue) return t > 0 ? x : t < 0 ? std::copysign(0.0L, x) : x / 2;
    return t > 0 ? 1 : t < 0 ? 0 : 0.5L;
  }
  const long double power = std::exp(-size), sum = 1 + power, tail = power / sum;
  if (order == Order::kValue) return t > 0 ? x / sum : x * tail;
  const long double left = tail * (1 - size + size * tail);
  return t > 0 ? 1 - left : left;
}

long double ExactElu(Order order, long double x, long double alpha) {
  if (order == Order::kValue) return x < 0 ? alpha * std::expm1(x) : x;
  return x > 0 ? 1 : alpha * std::exp(x);
}

double Error(double got, long double exact, Order order, bool near_root) {
  const double rounded = static_cast<double>(exact);
  if (std::isnan(rounded) || std::isnan(got)) return std::isnan(rounded) == std::isnan(got) ? 0 : INFINITY;
  if (std::isinf(rounded) || std::isinf(got)) return rounded == got ? 0 : INFINITY;
  if (order == Order::kValue && got == 0 && std::signbit(got) != std::signbit(exact)) return INFINITY;
  const double size = std::max({std::abs(rounded), near_root ? 0x1p-4 : 0.0, DBL_MIN});
  return static_cast<double>(std::abs(got - exact) / std::ldexp(1.0L, std::ilogb(size) - 52));
}

bool Check(const char* name, Activation activation, Order order, double stated,
           long double (*exact_of)(Order, long double, long double)) {
  const std::vector<double> x = Inputs(), dy(x.size(), 1.0);
  std::vector<double> out(x.size());
  double largest = 0;
  for (const double parameter : {1.0, 1.7, -0.3, 0.0}) {
    tfcustomact::ScalarKernel(activation, order, DType::kFloat64)(dy.data(), x.data(), out.data(), x.size(), parameter,
                                                                  tfcustomact::cpu::Writes::kThroughCaches);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double t = parameter * x[i];
      const bool near_root = activation == Activation::kSwish && order == Order::kSlope && t >= -2 && t <= -0.8;
      largest = std::max(largest, Error(out[i], exact_of(order, x[i], parameter), order, near_root));
    }
  }
  std::printf("%-6s %.4f ULP, stated %.2f%s\n", name, largest, stated, largest <= stated ? "" : "  ABOVE");
  return largest <= stated;
}

}  // namespace

int main() {
  if (!tfcustomact::ScalarKernelsRunHere()) {
    std::printf("does not run here\n");
    return 0;
  }
  bool holds = Check("swish", Activation::kSwish, Order::kValue, 1.58, ExactSwish);
  holds &= Check("swish'", Activation::kSwish, Order::kSlope, 1.59, ExactSwish);
  holds &= Check("elu", Activation::kElu, Order::kValue, 1.68, ExactElu);
  holds &= Check("elu'", Activation::kElu, Order::kSlope, 1.5, ExactElu);
  return holds ? 0 : 1;
}
