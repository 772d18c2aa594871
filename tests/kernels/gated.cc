// Gated values and gradients, for every instruction set that runs here, held to values computed from the definitions in
// long double: of arrays of their own, and of the halves of packed arrays, in place too.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "csrc/cpu/kernels.h"
#include "hwy/base.h"
#include "tests/kernels/definitions.h"

namespace {

namespace cpu = tfcustomact::cpu;
using tfcustomact::Arguments;
using tfcustomact::DType;
using tfcustomact::Exact;
using tfcustomact::Format;
using tfcustomact::Order;
using tfcustomact::Pass;
using tfcustomact::PassFacts;
using tfcustomact::Subject;

// How elements of a type are converted, the error that a kernel for a value may have, and how often a product is
// rounded to this type: narrow types are computed in float32 and rounded once.
struct Float16 {
  using Element = hwy::float16_t;
  static constexpr DType kDType = DType::kFloat16;
  static constexpr Format kFormat = {10, -14, 15};
  static constexpr long double kError = 0.01L;
  static constexpr bool kRoundsOnce = true;
  static Element From(double number) { return hwy::F16FromF32(static_cast<float>(number)); }
  static double To(Element element) { return hwy::F32FromF16(element); }
};
struct BFloat16 {
  using Element = hwy::bfloat16_t;
  static constexpr DType kDType = DType::kBFloat16;
  static constexpr Format kFormat = {7, -126, 127};
  static constexpr long double kError = 0.01L;
  static constexpr bool kRoundsOnce = true;
  static Element From(double number) { return hwy::BF16FromF32(static_cast<float>(number)); }
  static double To(Element element) { return hwy::F32FromBF16(element); }
};
template <typename T>
struct Computed {
  using Element = T;
  static constexpr DType kDType = sizeof(T) == 8 ? DType::kFloat64 : DType::kFloat32;
  static constexpr Format kFormat = sizeof(T) == 8 ? Format{52, -1022, 1023} : Format{23, -126, 127};
  static constexpr long double kError = 2;
  static constexpr bool kRoundsOnce = false;
  static T From(double number) { return static_cast<T>(number); }
  static double To(T element) { return element; }
};

enum class Layout { kApart, kPacked, kPackedInPlace };

struct Shape {
  std::size_t rows, columns;
};

// Numbers whose distribution is nearly normal.
template <class Type>
std::vector<typename Type::Element> Numbers(std::size_t size, double scale, std::uint64_t state) {
  std::vector<typename Type::Element> numbers(size);
  for (auto& number : numbers) {
    double sum = 0;
    for (int k = 0; k < 4; ++k) {
      state = state * 6364136223846793005 + 1442695040888963407;
      sum += static_cast<double>(state >> 11) / 9007199254740992.0 - 0.5;
    }
    number = Type::From(sum * scale);
  }
  return numbers;
}

// Whether `got` is second * (first * f(gate)), up to the errors of f and of each product.
template <class Type>
bool IsProduct(const Subject& subject, Order order, double gate, double parameter, const Exact<long double>& exact,
               long double first, long double second, double got) {
  const Format& format = Type::kFormat;
  const long double t = subject.ArgumentOf<long double>(gate, parameter);
  const long double floor = subject.ulp_floor(order, static_cast<double>(t));
  const long double value = OfOrder(exact, order);
  const long double product = first * value, result = second * product;
  const long double error = Type::kRoundsOnce ? Type::kError : MaxError(subject, order);
  const long double own = error * format.Ulp(std::max(std::abs(value), floor)) * std::abs(first * second);
  const long double of_first = Type::kRoundsOnce ? std::abs(product) * 0x1p-24L : format.Ulp(product) / 2;
  const long double of_second = Type::kRoundsOnce ? std::abs(result) * 0x1p-24L : 0;
  return std::abs(got - result) <= own + of_first * std::abs(second) + of_second + format.Ulp(result) / 2;
}

// The same for every instruction set, pass and layout.
template <class Type>
struct Inputs {
  std::vector<typename Type::Element> dy, gate, up;
  std::vector<Exact<long double>> exact;

  Inputs(const Subject& subject, std::size_t size, double parameter, double scale)
      : dy(Numbers<Type>(size, 1, 1)), gate(Numbers<Type>(size, scale, 2)), up(Numbers<Type>(size, 2, 3)) {
    const long double wide = parameter;
    for (const auto& number : gate) exact.push_back(subject.At(static_cast<long double>(Type::To(number)), wide));
  }
};

template <class Type>
bool Check(const std::string& set, const Subject& subject, Pass pass, Shape shape, Layout layout, double parameter,
           const Inputs<Type>& inputs) {
  using T = typename Type::Element;
  const auto& [dy, gate, up, exact] = inputs;
  const PassFacts facts = tfcustomact::FactsOf(pass);
  const std::size_t size = shape.rows * shape.columns;
  const bool is_packed = layout != Layout::kApart, is_gradient = facts.outputs == 2;
  const std::size_t pitch = is_packed ? 2 * shape.columns : shape.columns;
  const std::size_t second = is_packed ? shape.columns : size;
  // Gate and up, one after the other or side by side.
  std::vector<T> both(2 * size), fresh(2 * size);
  const auto place = [&](std::size_t i) { return i / shape.columns * pitch + i % shape.columns; };
  for (std::size_t i = 0; i < size; ++i) {
    both[place(i)] = gate[i];
    both[second + place(i)] = up[i];
  }
  // The value has no second half: its rows follow each other.
  const std::size_t out_pitch = is_gradient ? pitch : shape.columns;
  T* const out = layout == Layout::kPackedInPlace && is_gradient ? both.data() : fresh.data();
  Arguments arguments = {{}, {out, out + second}, parameter, {}};
  const int first = facts.inputs - 2;
  arguments.in[0] = dy.data();
  arguments.in[first] = both.data();
  arguments.in[first + 1] = both.data() + second;
  if (is_packed) {
    arguments.rows.length = shape.columns;
    std::fill_n(arguments.rows.in_pitches, facts.inputs, pitch);
    if (is_gradient) arguments.rows.in_pitches[0] = shape.columns;
    std::fill_n(arguments.rows.out_pitches, facts.outputs, out_pitch);
  }
  cpu::FindKernel(set, subject.activation, pass, Type::kDType)(arguments, 0, size, cpu::Access::kCached);
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t at = i / shape.columns * out_pitch + i % shape.columns;
    const double g = Type::To(gate[i]), u = Type::To(up[i]), d = Type::To(dy[i]), got = Type::To(out[at]);
    const bool holds = is_gradient ? IsProduct<Type>(subject, Order::kDerivative, g, parameter, exact[i], u, d, got) &&
                                         IsProduct<Type>(subject, Order::kValue, g, parameter, exact[i], d, 1,
                                                         Type::To(out[at + second]))
                                   : IsProduct<Type>(subject, Order::kValue, g, parameter, exact[i], u, 1, got);
    if (holds) continue;
    std::printf(
        "%s: %s, %s, dtype %d, layout %d, %zu x %zu, parameter %g, element %zu: gate %.17g, up %.17g, dy %.17g "
        "give %.17g and %.17g\n",
        set.c_str(), subject.name, facts.op, static_cast<int>(Type::kDType), static_cast<int>(layout), shape.rows,
        shape.columns, parameter, i, g, u, d, got, is_gradient ? Type::To(out[at + second]) : 0);
    return false;
  }
  return true;
}

template <class Type>
void CheckAll(const Subject& subject, int* checked, int* failures) {
  const double parameters[] = {1, -1.25};
  for (std::size_t p = 0; p < ParametersToTry(subject, parameters); ++p) {
    const double parameter = Accepted(subject, parameters[p]);
    for (const Shape shape : {Shape{1, 1000}, Shape{300, 3}, Shape{37, 61}, Shape{5, 513}}) {
      // Ordinary numbers, and some that the fast number models do not reach.
      for (const double scale : {4.0, 200.0}) {
        const Inputs<Type> inputs(subject, shape.rows * shape.columns, parameter, scale);
        for (const cpu::InstructionSet& set : cpu::InstructionSets()) {
          if (!set.runs_here) continue;
          for (const Pass pass : {Pass::kGatedValue, Pass::kGatedGradient}) {
            for (const Layout layout : {Layout::kApart, Layout::kPacked, Layout::kPackedInPlace}) {
              ++*checked;
              *failures += !Check<Type>(set.name, subject, pass, shape, layout, parameter, inputs);
            }
          }
        }
      }
    }
  }
}

}  // namespace

int main() {
  int failures = 0, checked = 0;
  for (const Subject& subject : tfcustomact::kSubjects) {
    CheckAll<Float16>(subject, &checked, &failures);
    CheckAll<BFloat16>(subject, &checked, &failures);
    CheckAll<Computed<float>>(subject, &checked, &failures);
    CheckAll<Computed<double>>(subject, &checked, &failures);
  }
  std::printf("%d checked, %d failed\n", checked, failures);
  return failures == 0 && checked > 0 ? 0 : 1;
}
