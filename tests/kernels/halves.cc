// The kernels for float16 and bfloat16 of every instruction set that runs here, over all their 65,536 inputs, and the
// CUDA kernels' formulas with approximate functions that err to either side by as much as the device's may, held to
// values computed in float64 by the C library.
//
// Prints the largest errors in ULP, and exits with 1 if one is above what csrc/numbers/half_constants.h states, or if a
// special value or a sign is wrong.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "csrc/cpu/kernels.h"
#include "csrc/cuda/elements.h"
#include "tests/kernels/definitions.h"
#include "tests/kernels/erring.h"

namespace {

namespace cpu = tfcustomact::cpu;
using tfcustomact::DType;
using tfcustomact::Erring;
using tfcustomact::Error;
using tfcustomact::Format;
using tfcustomact::OfOrder;
using tfcustomact::Order;
using tfcustomact::Subject;

constexpr double kStated = 0.505;
constexpr double kParameters[] = {1.0, 1.7, -0.3, 1e-3, 300.0, 0.0, 1e-35, -1e35, 1e-40};
constexpr std::uint32_t kInputs = 65536;
constexpr Format kFloat16 = {10, -14, 15}, kBFloat16 = {7, -126, 127};

float FromBits(const Format& format, std::uint32_t bits) {
  const std::uint32_t exponent_bits = 15 - format.mantissa_bits, exponent = (bits & 0x7fff) >> format.mantissa_bits;
  const std::uint32_t mantissa = bits & ((1u << format.mantissa_bits) - 1);
  double size = std::ldexp(mantissa + (exponent > 0 ? std::ldexp(1.0, format.mantissa_bits) : 0),
                           std::max<int>(exponent, 1) - 1 + format.smallest_exponent - format.mantissa_bits);
  if (exponent == (1u << exponent_bits) - 1) size = mantissa == 0 ? INFINITY : NAN;
  return static_cast<float>(bits >> 15 ? -size : size);
}

std::vector<float> AllNumbers(const Format& format) {
  std::vector<float> numbers(kInputs);
  for (std::uint32_t bits = 0; bits < kInputs; ++bits) numbers[bits] = FromBits(format, bits);
  return numbers;
}

struct Function {
  const Subject& subject;
  Order order;
  DType dtype;

  const Format& Numbers() const { return dtype == DType::kFloat16 ? kFloat16 : kBFloat16; }

  float Number(std::uint32_t bits) const {
    static const std::vector<float> float16 = AllNumbers(kFloat16), bfloat16 = AllNumbers(kBFloat16);
    return (dtype == DType::kFloat16 ? float16 : bfloat16)[bits];
  }
};

struct ExactValue {
  double value, rounded;
};

// All exact values for one parameter.
std::vector<ExactValue> ExactOf(const Function& function, double parameter) {
  std::vector<ExactValue> exact(kInputs);
  for (std::uint32_t bits = 0; bits < kInputs; ++bits) {
    const double x = function.Number(bits), rounded = static_cast<float>(parameter);
    const double value = OfOrder(function.subject.At(x, rounded), function.order);
    exact[bits] = {value, function.Numbers().Round(value)};
  }
  return exact;
}

double ErrorAt(const Function& function, std::uint32_t bits, double parameter, double got, const ExactValue& exact) {
  // The nearest number: its error is no more than this, which is below the stated error.
  if (std::memcmp(&got, &exact.rounded, sizeof got) == 0) return 0.5;
  const double argument = function.subject.ArgumentOf<double>(function.Number(bits), static_cast<float>(parameter));
  return Error<double>(function.Numbers(), function.subject, function.order, argument, got, exact.value);
}

template <class Element>
double LargestError(const Function& function, double parameter, const std::vector<ExactValue>& exact) {
  const bool is_own = Element::Pass::kRow == tfcustomact::Row::kParameter;
  const Element common(is_own ? 1 : parameter);
  const Element element = is_own ? common.OfChannel(static_cast<float>(parameter)) : common;
  double largest = 0;
  for (std::uint32_t bits = 0; bits < kInputs; ++bits) {
    float in[Element::kInputs];
    std::fill(std::begin(in), std::end(in), 1.0f);
    in[Element::Pass::kX] = function.Number(bits);
    const double got = function.Numbers().Round(double{element.OfAny(in).out[0]});
    largest = std::max(largest, ErrorAt(function, bits, parameter, got, exact[bits]));
  }
  return largest;
}

// The inputs in the order of their bits, so that neighbours are computed by the same model (a loop chooses one for
// several elements together), and with infinities and NaN among the others.
double LargestError(const std::string& instruction_set, const Function& function, double parameter,
                    const std::vector<ExactValue>& exact) {
  const cpu::Kernel kernel = cpu::FindKernel(instruction_set, function.subject.activation,
                                             tfcustomact::PassFor(function.order), function.dtype);
  const std::uint16_t one = function.dtype == DType::kFloat16 ? 0x3c00 : 0x3f80;
  std::vector<std::uint16_t> dy(kInputs, one), x(kInputs), out(kInputs);
  double largest = 0;
  for (const std::uint32_t stride : {1, 40503}) {
    for (std::uint32_t i = 0; i < kInputs; ++i) x[i] = static_cast<std::uint16_t>(i * stride);
    kernel(tfcustomact::ArgumentsFor(function.order, dy.data(), x.data(), out.data(), parameter), 0, kInputs,
           cpu::Access::kCached);
    for (std::uint32_t i = 0; i < kInputs; ++i) {
      const double got = function.Number(out[i]);
      largest = std::max(largest, ErrorAt(function, x[i], parameter, got, exact[x[i]]));
    }
  }
  return largest;
}

bool Report(const std::string& contestant, const Function& function, double largest) {
  std::printf("%-8s %-8s %s%-3s %.4f ULP, stated %.3f%s\n", contestant.c_str(),
              function.dtype == DType::kFloat16 ? "float16" : "bfloat16", function.subject.name,
              tfcustomact::Primes(function.order), largest, kStated, largest <= kStated ? "" : "  ABOVE");
  return largest <= kStated;
}

// The CUDA kernel of a pass whose first output is the function's.
template <class Activation, class Pass, DType kDType>
double LargestErrorOfCuda(const Function& function, double parameter, const std::vector<ExactValue>& exact) {
  using Element = typename tfcustomact::cuda::ElementOf<Activation, Pass, kDType, Erring>::Type;
  double largest = 0;
  for (const int exp2_ulps : {-2, 2}) {
    for (const int reciprocal_ulps : {-1, 1}) {
      Erring::exp2_ulps = exp2_ulps;
      Erring::reciprocal_ulps = reciprocal_ulps;
      largest = std::max(largest, LargestError<Element>(function, parameter, exact));
    }
  }
  return largest;
}

// `OfTensor` is the pass that takes the parameter as an array.
template <class Activation, class Pass, class OfTensor, DType kDType>
bool Check(const Subject& subject) {
  const Function function = {subject, Pass::kOrder, kDType};
  const std::vector<cpu::InstructionSet> sets = cpu::InstructionSets();
  std::vector<double> largest(sets.size());
  double largest_of_cuda = 0;
  for (std::size_t number = 0; number < tfcustomact::ParametersToTry(subject, kParameters); ++number) {
    const double parameter = Accepted(subject, kParameters[number]);
    const std::vector<ExactValue> exact = ExactOf(function, parameter);
    for (std::size_t i = 0; i < sets.size(); ++i) {
      if (sets[i].runs_here) largest[i] = std::max(largest[i], LargestError(sets[i].name, function, parameter, exact));
    }
    largest_of_cuda =
        std::max(largest_of_cuda, LargestErrorOfCuda<Activation, Pass, kDType>(function, parameter, exact));
    if constexpr (Activation::kParameter != tfcustomact::Parameter::kNone) {
      largest_of_cuda =
          std::max(largest_of_cuda, LargestErrorOfCuda<Activation, OfTensor, kDType>(function, parameter, exact));
    }
  }
  bool holds = Report("cuda", function, largest_of_cuda);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].runs_here) holds &= Report(sets[i].name, function, largest[i]);
  }
  return holds;
}

template <class Activation, DType kDType>
bool CheckPasses(const Subject& subject) {
  namespace passes = tfcustomact::passes;
  bool holds = Check<Activation, passes::Value, passes::TensorValue, kDType>(subject);
  holds &= Check<Activation, passes::Gradient, passes::TensorGradient, kDType>(subject);
  return holds & Check<Activation, passes::SecondGradient, passes::SecondGradient, kDType>(subject);
}

}  // namespace

int main() {
  bool holds = true;
  const Subject* subject = tfcustomact::kSubjects;
#define TFCUSTOMACT_CHECK(Name, name)                                 \
  holds &= CheckPasses<tfcustomact::Name, DType::kFloat16>(*subject); \
  holds &= CheckPasses<tfcustomact::Name, DType::kBFloat16>(*subject++);
  TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_CHECK)
#undef TFCUSTOMACT_CHECK
  return holds ? 0 : 1;
}
