// The passes with one number per channel, and gated units, for the best instruction set and for the CUDA kernels'
// source compiled for the host, and many shapes, held to values computed from the definitions in long double; and the
// CPU's sums the same bits in whatever order, and on however many threads, the units of work run.
#include "csrc/cpu/channels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "csrc/cpu/kernels.h"
#include "csrc/cuda/storage.h"
#include "csrc/passes/halves.h"
#include "tests/kernels/definitions.h"
#include "tests/kernels/scalar_kernels.h"

namespace {

namespace cpu = tfcustomact::cpu;
using tfcustomact::Activation;
using tfcustomact::AxisRun;
using tfcustomact::ChannelCall;
using tfcustomact::DType;
using tfcustomact::Format;
using tfcustomact::Order;
using tfcustomact::Pass;
using tfcustomact::Row;
using tfcustomact::Subject;
using tfcustomact::cuda::BFloat16;
using Shape = std::vector<std::int64_t>;

constexpr Pass kPassesWithRow[] = {Pass::kTensorValue,    Pass::kTensorGradient,   Pass::kBiasedValue,
                                   Pass::kBiasedGradient, Pass::kGatedTensorValue, Pass::kGatedTensorGradient};

// A parameter to try.
double ParameterOf(const Subject& subject) { return Accepted(subject, -1.3); }
// In ULP of bfloat16: rounded, results are off by no more than 0.51.
constexpr long double kMaxErrorBeforeRounding = 0.01L;
constexpr Format kBFloat16 = {7, -126, 127}, kFloat32 = {23, -126, 127}, kFloat64 = {52, -1022, 1023};

struct Case {
  const Subject& subject;
  Shape shape, row_shape;
  double scale;
};

std::size_t Product(const Shape& shape) {
  std::size_t product = 1;
  for (const std::int64_t length : shape) product *= length;
  return product;
}

// The element of the row that belongs to each element of x.
std::vector<std::size_t> RowIndices(const Shape& shape, const Shape& row_shape) {
  std::vector<std::size_t> indices(Product(shape));
  for (std::size_t i = 0; i < indices.size(); ++i) {
    std::size_t rest = i, stride = 1, index = 0;
    for (std::size_t k = 0; k < shape.size(); ++k) {
      const std::size_t axis = shape.size() - 1 - k, at = rest % shape[axis];
      rest /= shape[axis];
      if (k >= row_shape.size()) continue;
      const std::int64_t length = row_shape[row_shape.size() - 1 - k];
      index += (length == 1 ? 0 : at) * stride;
      stride *= length;
    }
    indices[i] = index;
  }
  return indices;
}

// Numbers whose distribution is nearly normal.
template <typename T>
std::vector<T> Numbers(std::size_t size, double scale, std::uint64_t seed) {
  std::vector<T> numbers(size);
  std::uint64_t state = seed;
  for (T& number : numbers) {
    double sum = 0;
    for (int k = 0; k < 4; ++k) {
      state = state * 6364136223846793005 + 1442695040888963407;
      sum += static_cast<double>(state >> 11) / 9007199254740992.0 - 0.5;
    }
    number = static_cast<T>(sum * scale);
  }
  return numbers;
}

using Runs = std::vector<AxisRun>;

void InTurn(const ChannelCall& call, const Runs& runs) {
  cpu::RunByChannels(call, cpu::Access::kCached, runs,
                     [](std::size_t units, const std::function<void(std::size_t)>& work) {
                       for (std::size_t i = 0; i < units; ++i) work(i);
                     });
}

void BackwardsOnThreads(const ChannelCall& call, const Runs& runs) {
  cpu::RunByChannels(call, cpu::Access::kCached, runs,
                     [](std::size_t units, const std::function<void(std::size_t)>& work) {
                       std::vector<std::thread> threads;
                       for (std::size_t t = 0; t < 3; ++t) {
                         threads.emplace_back([=] {
                           for (std::size_t i = units - std::min(units, t); i > 0; i -= std::min<std::size_t>(i, 3))
                             work(i - 1);
                         });
                       }
                       for (std::thread& thread : threads) thread.join();
                     });
}

using RunsPass = void (*)(const ChannelCall& call, const Runs& runs);

template <typename T>
constexpr DType kDTypeOf = sizeof(T) == 8   ? DType::kFloat64
                           : sizeof(T) == 4 ? DType::kFloat32
                                            : DType::kBFloat16;

// Of the row. That of bfloat16 arrays is of float32.
template <typename T>
using RowNumber = std::conditional_t<sizeof(T) == 8, double, float>;

template <typename T>
struct Inputs {
  std::vector<T> dy, x, up;
  std::vector<RowNumber<T>> row;
};

template <typename T>
struct Results {
  std::vector<T> out, dup;
  std::vector<RowNumber<T>> sums;
};

// Two arrays as the halves of the last axis of one, whose halves have `length` elements.
template <typename T>
std::vector<T> Packed(const std::vector<T>& first, const std::vector<T>& second, std::size_t length) {
  std::vector<T> packed(first.size() + second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    T* const at = &packed[i / length * 2 * length + i % length];
    at[0] = first[i];
    at[length] = second[i];
  }
  return packed;
}

template <typename T>
Results<T> Run(const Case& c, Pass pass, const Inputs<T>& in, RunsPass run, bool is_packed = false) {
  Results<T> results{std::vector<T>(in.x.size()), std::vector<T>(in.x.size()),
                     std::vector<RowNumber<T>>(in.row.size())};
  const tfcustomact::PassFacts facts = tfcustomact::FactsOf(pass);
  ChannelCall call = {c.subject.activation, pass,
                      kDTypeOf<T>,          {{}, {results.out.data(), results.dup.data()}, ParameterOf(c.subject), {}},
                      in.row.data(),        kDTypeOf<RowNumber<T>>,
                      results.sums.data()};
  const T* const arrays[] = {in.dy.data(), in.x.data(), in.up.data()};
  std::copy_n(arrays + 1 - facts.x, facts.inputs, call.arguments.in);
  const auto runs = tfcustomact::AxisRuns(c.shape.data(), c.shape.size(), c.row_shape.data(), c.row_shape.size());
  if (!is_packed) {
    run(call, *runs);
    return results;
  }
  const std::size_t length = c.shape.back();
  const std::vector<T> packed = Packed(in.x, in.up, length);
  std::vector<T> packed_out = Packed(results.out, results.dup, length);
  call.arguments.in[facts.x] = packed.data();
  if (facts.outputs == 2) call.arguments.out[0] = packed_out.data();
  tfcustomact::SetHalves(pass, call.dtype, length, &call.arguments);
  run(call, *runs);
  for (std::size_t i = 0; facts.outputs == 2 && i < in.x.size(); ++i) {
    const T* const at = &packed_out[i / length * 2 * length + i % length];
    results.out[i] = at[0];
    results.dup[i] = at[length];
  }
  return results;
}

// The same numbers in another format.
template <typename To, typename From>
std::vector<To> Stored(const std::vector<From>& numbers) {
  std::vector<To> stored(numbers.size());
  for (std::size_t i = 0; i < stored.size(); ++i) {
    tfcustomact::cuda::FromNumber(tfcustomact::cuda::ToNumber(numbers[i]), &stored[i]);
  }
  return stored;
}

Results<float> RunInBFloat16(const Case& c, Pass pass, const Inputs<float>& in, RunsPass run, bool is_packed) {
  const Inputs<BFloat16> stored = {Stored<BFloat16>(in.dy), Stored<BFloat16>(in.x), Stored<BFloat16>(in.up), in.row};
  const Results<BFloat16> results = Run(c, pass, stored, run, is_packed);
  return {Stored<float>(results.out), Stored<float>(results.dup), results.sums};
}

// The inputs and exact results of a case, for all passes with the same kind of row.
template <typename T>
struct Trial {
  // The arrays are of bfloat16, and T is float.
  bool is_bfloat16;
  std::vector<std::size_t> indices;
  Inputs<T> in;
  // What the activation is of.
  std::vector<T> arguments;
  std::vector<tfcustomact::Exact<long double>> exact;

  Trial(const Case& c, Row kind, bool is_bfloat16 = false)
      : is_bfloat16(is_bfloat16), indices(RowIndices(c.shape, c.row_shape)) {
    const bool is_bias = kind == Row::kBias;
    const std::size_t size = indices.size();
    in = {Numbers<T>(size, 1, 2), Numbers<T>(size, c.scale, 1), Numbers<T>(size, 2, 4),
          Numbers<T>(Product(c.row_shape), 2, 3)};
    if (is_bfloat16) {
      for (std::vector<T>* const numbers : {&in.dy, &in.x, &in.up}) {
        for (T& number : *numbers) number = kBFloat16.Round(number);
      }
    }
    if (!is_bias) {
      for (T& number : in.row) number = static_cast<T>(Accepted(c.subject, number));
    }
    for (std::size_t i = 0; i < size; ++i) {
      const T number = in.row[indices[i]];
      arguments.push_back(is_bias ? in.x[i] + number : in.x[i]);
      exact.push_back(c.subject.At(static_cast<long double>(arguments[i]), ParameterAt(c, kind, i)));
    }
  }

  long double ParameterAt(const Case& c, Row kind, std::size_t i) const {
    return kind == Row::kBias ? static_cast<T>(ParameterOf(c.subject)) : in.row[indices[i]];
  }
};

template <typename T>
bool Check(const Case& c, const Trial<T>& trial, Pass pass) {
  const auto& [is_bfloat16, indices, in, arguments, all_exact] = trial;
  const auto& [dy, x, up, row] = in;
  const Format& format_of_sums = sizeof(T) == 8 ? kFloat64 : kFloat32;
  const Format& format = is_bfloat16 ? kBFloat16 : format_of_sums;
  const long double u = std::ldexp(1.0L, -format_of_sums.mantissa_bits - 1);
  const tfcustomact::PassFacts facts = tfcustomact::FactsOf(pass);
  const bool is_bias = facts.row == Row::kBias;
  // The inputs are dy, x and up, or some of them that follow each other.
  const bool has_dy = facts.x == 1, is_gated = facts.inputs - facts.x == 2;
  const auto run = [&](RunsPass runs_pass, bool is_packed = false) {
    if constexpr (sizeof(T) == sizeof(float)) {
      if (trial.is_bfloat16) return RunInBFloat16(c, pass, trial.in, runs_pass, is_packed);
    }
    return Run(c, pass, trial.in, runs_pass, is_packed);
  };
  std::vector<Results<T>> contestants = {run(InTurn)};
  const Results<T> again = run(BackwardsOnThreads);
  if (contestants[0].out != again.out || contestants[0].dup != again.dup || contestants[0].sums != again.sums) {
    std::printf("other bits in another order: ");
    return false;
  }
  if (tfcustomact::ScalarKernelsRunHere()) {
    contestants.push_back(run(tfcustomact::ScalarByChannels));
    if (is_gated) contestants.push_back(run(tfcustomact::ScalarByChannels, /*is_packed=*/true));
  }
  if (is_gated) contestants.push_back(run(BackwardsOnThreads, /*is_packed=*/true));
  // Those of bfloat16 are rounded once, at the end.
  const auto limit = [&](Order order) { return is_bfloat16 ? kMaxErrorBeforeRounding : MaxError(c.subject, order); };
  const int roundings = is_bfloat16 ? 1 : has_dy + is_gated;
  std::vector<long double> sums(row.size()), sizes(row.size());
  std::vector<std::size_t> terms(row.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const T number = row[indices[i]];
    const auto& exact = all_exact[i];
    const Order order = has_dy ? Order::kDerivative : Order::kValue;
    const long double incoming = has_dy ? dy[i] : 1, factor = is_gated ? incoming * up[i] : incoming;
    const long double value = OfOrder(exact, order), result = factor * value;
    const long double parameter = trial.ParameterAt(c, facts.row, i);
    const long double t = c.subject.ArgumentOf(static_cast<long double>(arguments[i]), parameter);
    const long double floor = c.subject.ulp_floor(order, static_cast<double>(t));
    // dy and up enter by one multiplication each.
    const long double ulp_of_value = format.Ulp(std::max(std::abs(value), floor));
    const long double bound = limit(order) * ulp_of_value * std::abs(factor) + roundings * format.Ulp(result) / 2;
    long double dup = 0, dup_bound = 0;
    if (facts.outputs == 2) {
      dup = incoming * exact.value;
      dup_bound = limit(Order::kValue) * format.Ulp(exact.value) * std::abs(incoming) + format.Ulp(dup) / 2;
    }
    for (const Results<T>& got : contestants) {
      const bool is_near = facts.outputs == 1 || std::abs(got.dup[i] - dup) <= dup_bound;
      if (!is_near || !(std::abs(got.out[i] - result) <= bound)) {
        std::printf("contestant %td, element %zu: x %.17g, row %.17g: %.17g, exact %.17Lg: ", &got - contestants.data(),
                    i, double(x[i]), double(number), double(got.out[i]), result);
        return false;
      }
    }
    const long double term = is_bias ? result : factor * exact.by_parameter;
    sums[indices[i]] += term;
    // Around a root of the derivative, a term's error is not in proportion to its size.
    sizes[indices[i]] += std::max(std::abs(term), is_bias ? floor * std::abs(factor) : 0);
    ++terms[indices[i]];
  }
  for (std::size_t i = 0; facts.has_sum && i < row.size(); ++i) {
    // Each term has an error already. In a sum of few terms these are larger than those of the additions.
    const double error = MaxError(c.subject, Order::kDerivative), own = error > 2 ? 2 * error : 2;
    const long double levels = std::max<long double>(std::log2(static_cast<long double>(terms[i])), own);
    const long double bound = 2 * format_of_sums.Ulp(sums[i]) + u * levels * sizes[i];
    for (const Results<T>& got : contestants) {
      if (!(std::abs(got.sums[i] - sums[i]) <= bound)) {
        std::printf("contestant %td, sum %zu of %zu terms: %.17g, exact %.17Lg, bound %.3Lg, off %.3Lg: ",
                    &got - contestants.data(), i, terms[i], double(got.sums[i]), sums[i], bound,
                    std::abs(got.sums[i] - sums[i]));
        return false;
      }
    }
  }
  return true;
}

// Gated units, whose every rounding counts.
template <typename T>
bool CheckGated(const Subject& subject, cpu::Kernel value_kernel, cpu::Kernel gradient_kernel) {
  const Format& format = sizeof(T) == 8 ? kFloat64 : kFloat32;
  constexpr std::size_t kSize = 5000;
  const std::vector<T> dy = Numbers<T>(kSize, 1, 4), gate = Numbers<T>(kSize, 100, 5), up = Numbers<T>(kSize, 2, 6);
  std::vector<T> y(kSize), dgate(kSize), dup(kSize);
  value_kernel({{gate.data(), up.data()}, {y.data()}, ParameterOf(subject), {}}, 0, kSize, cpu::Access::kCached);
  gradient_kernel({{dy.data(), gate.data(), up.data()}, {dgate.data(), dup.data()}, ParameterOf(subject), {}}, 0, kSize,
                  cpu::Access::kCached);
  for (std::size_t i = 0; i < kSize; ++i) {
    const long double x = gate[i], parameter = static_cast<T>(ParameterOf(subject));
    const auto exact = subject.At(x, parameter);
    const auto is_near = [&](T got, Order order, long double factor, int products) {
      const long double function = OfOrder(exact, order), result = factor * function;
      const double t = static_cast<double>(subject.ArgumentOf(x, parameter));
      const long double ulp = format.Ulp(std::max<long double>(std::abs(function), subject.ulp_floor(order, t)));
      return std::abs(got - result) <=
             MaxError(subject, order) * ulp * std::abs(factor) + products * format.Ulp(result) / 2;
    };
    if (!is_near(y[i], Order::kValue, up[i], 1) || !is_near(dup[i], Order::kValue, dy[i], 1) ||
        !is_near(dgate[i], Order::kDerivative, static_cast<long double>(dy[i]) * up[i], 2)) {
      std::printf("gated: gate %.17g, up %.17g, dy %.17g: %.17g, %.17g, %.17g: ", double(gate[i]), double(up[i]),
                  double(dy[i]), double(y[i]), double(dgate[i]), double(dup[i]));
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  // How a pass goes through arrays does not depend on the activation: for those after the second, fewer shapes are
  // checked.
  const int stride = argc > 1 ? std::atoi(argv[1]) : 1;
  if (stride < 1) {
    std::printf("channels [STRIDE], a positive integer\n");
    return 1;
  }
  const std::pair<Shape, Shape> shapes[] = {
      {{1000}, {}},
      {{70000}, {1}},
      {{1, 1}, {1, 1}},
      {{2, 3}, {3}},
      {{300, 1}, {1}},
      {{40, 64}, {64}},
      {{999, 100}, {100}},
      {{17, 5000}, {5000}},
      {{20000, 3}, {3}},
      {{6, 5, 700}, {5, 1}},
      {{6, 5, 7, 3}, {5, 1, 1}},
      {{5, 400, 24}, {5, 1, 24}},
      {{3, 10, 20, 30}, {3, 1, 20, 1}},
      {{2, 50, 90}, {50, 90}},
      {{5, 1001}, {1001}},
      {{1001, 3}, {3}},
      {{257, 7}, {257, 1}},
      {{3, 2000, 5}, {2000, 1}},
      {{0, 5}, {5}},
      {{5, 0}, {5, 1}},
  };
  int failures = 0, checked = 0, combination = 0;
  for (const Subject& subject : tfcustomact::kSubjects) {
    const int every = &subject - tfcustomact::kSubjects < 2 ? stride : 5 * stride;
    const auto check_gated = [&](const auto& kernel) {
      const auto of = [&](Pass pass, DType dtype) { return kernel(subject.activation, pass, dtype); };
      for (const bool holds : {CheckGated<float>(subject, of(Pass::kGatedValue, DType::kFloat32),
                                                 of(Pass::kGatedGradient, DType::kFloat32)),
                               CheckGated<double>(subject, of(Pass::kGatedValue, DType::kFloat64),
                                                  of(Pass::kGatedGradient, DType::kFloat64))}) {
        ++checked;
        failures += !holds;
        if (!holds) std::printf("%s FAILS\n", subject.name);
      }
    };
    if (tfcustomact::ScalarKernelsRunHere()) check_gated(tfcustomact::ScalarKernel);
    for (const auto& [shape, row_shape] : shapes) {
      for (const Row kind : {Row::kParameter, Row::kBias}) {
        if (kind == Row::kParameter && subject.parameter == tfcustomact::Parameter::kNone) continue;
        // Ordinary numbers, and some that the fast number models do not reach.
        for (const double scale : {4.0, 200.0}) {
          if (combination++ % every != 0) continue;
          const Case c = {subject, shape, row_shape, scale};
          const Trial<float> in_float(c, kind);
          const Trial<double> in_double(c, kind);
          // All that is new in them is how many columns a thread has: a third of the cases has every kind of shape.
          std::optional<Trial<float>> in_bfloat16;
          if (combination / every % 3 == 0) in_bfloat16.emplace(c, kind, /*is_bfloat16=*/true);
          for (const Pass pass : kPassesWithRow) {
            if (tfcustomact::FactsOf(pass).row != kind) continue;
            std::vector<bool> results = {Check(c, in_float, pass), Check(c, in_double, pass)};
            if (in_bfloat16) results.push_back(Check(c, *in_bfloat16, pass));
            for (const bool holds : results) {
              ++checked;
              if (holds) continue;
              ++failures;
              std::printf("%s, pass %d, shape", subject.name, static_cast<int>(pass));
              for (const std::int64_t length : shape) std::printf(" %lld", static_cast<long long>(length));
              std::printf(", row");
              for (const std::int64_t length : row_shape) std::printf(" %lld", static_cast<long long>(length));
              std::printf(", scale %g FAILS\n", scale);
            }
          }
        }
      }
    }
  }
  std::printf("%d checked, %d failed\n", checked, failures);
  return failures == 0 && checked > 0 ? 0 : 1;
}
