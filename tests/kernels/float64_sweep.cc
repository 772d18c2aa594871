// Holds the float64 kernels of every instruction set that runs here, and those of CUDA compiled for the host, to values
// computed in long double.
//
//   float64_sweep BLOCKS    65,536 inputs a block, for every parameter
//
// Prints the largest error of each kernel in ULP, and exits with 1 if one is above what csrc/numbers/float64.h and
// csrc/numbers/pair.h state, or if a special value is wrong.
#include <algorithm>
#include <atomic>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "csrc/cpu/kernels.h"
#include "tests/kernels/exact.h"
#include "tests/kernels/scalar_kernels.h"

namespace {

namespace cpu = tfcustomact::cpu;
using tfcustomact::Activation;
using tfcustomact::DType;
using tfcustomact::Error;
using tfcustomact::Exact;
using tfcustomact::Order;

static_assert(LDBL_MANT_DIG >= 64, "long double must be more precise than double");

constexpr tfcustomact::Format kFloat64 = {52, -1022, 1023};

struct Case {
  const char* name;
  Activation activation;
  Order order;
  // The largest errors, in ULP, that csrc/numbers/float64.h states, and csrc/numbers/pair.h.
  double stated, stated_of_pairs;
};

constexpr Case kCases[] = {
    {"swish", Activation::kSwish, Order::kValue, 1.9, 1.3},     {"swish'", Activation::kSwish, Order::kSlope, 1.8, 1.3},
    {"swish''", Activation::kSwish, Order::kCurvature, 16, 16}, {"elu", Activation::kElu, Order::kValue, 1.7, 1.3},
    {"elu'", Activation::kElu, Order::kSlope, 1.3, 1.3},        {"elu''", Activation::kElu, Order::kCurvature, 16, 16},
};
constexpr std::size_t kCaseCount = sizeof kCases / sizeof *kCases;

// Of values and slopes, where subnormal numbers are flushed to zero too.
constexpr double kPromised = 2;

// The last four are beyond what the fast model carries.
constexpr double kParameters[] = {1, 1.7, -0.3, 1e-279, 1e289, 0, 1e-281, -1e300, 1e-310};
constexpr std::size_t kParameterCount = sizeof kParameters / sizeof *kParameters;

// Nothing is promised of second derivatives for others.
bool IsOrdinary(double parameter) { return parameter == 0 || (std::abs(parameter) > 0.1 && std::abs(parameter) < 10); }

// What computes: an instruction set of the CPU, or the formulas of CUDA as "scalar".
std::vector<cpu::InstructionSet> Contestants() {
  std::vector<cpu::InstructionSet> contestants = cpu::InstructionSets();
  contestants.push_back({"scalar", tfcustomact::ScalarKernelsRunHere()});
  return contestants;
}

cpu::Kernel KernelOf(const std::string& contestant, Activation activation, Order order) {
  return contestant == "scalar" ? tfcustomact::ScalarKernel(activation, order, DType::kFloat64)
                                : cpu::FindKernel(contestant, activation, order, DType::kFloat64);
}

constexpr std::size_t kBlock = 65536;

// Random bits, numbers where the functions bend, their tails, and special values; sorted by size, so that a loop that
// takes its fast way for several elements at a time takes it.
std::vector<double> Inputs(const Case& which, double parameter, std::uint64_t block) {
  std::vector<double> x = {0.0, -0.0, INFINITY, -INFINITY, NAN, DBL_MIN, -DBL_MIN, DBL_MAX, -DBL_MAX, 0x1p-1074};
  const double scale = which.activation == Activation::kSwish && std::abs(parameter) > 1e-300 ? parameter : 1;
  std::uint64_t state = block + 1;
  const auto next = [&] { return state = state * 6364136223846793005 + 1442695040888963407; };
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * std::ldexp(double(next() >> 11), -53);
  };
  while (x.size() < kBlock) {
    const std::uint64_t bits = next() ^ next() >> 32;
    double any;
    std::memcpy(&any, &bits, sizeof any);
    x.push_back(any);
    x.push_back(uniform(-5, 5) / scale);
    x.push_back(uniform(-750, 750) / scale);
    x.push_back(std::copysign(std::exp2(uniform(-80, 3)), uniform(-1, 1)) / scale);
  }
  x.resize(kBlock);
  std::sort(x.begin(), x.end(),
            [](double a, double b) { return std::isnan(b) ? !std::isnan(a) : std::abs(a) < std::abs(b); });
  return x;
}

struct Worst {
  double error = 0, at = 0, parameter = 0;
  void Add(double another, double x, double beta) {
    if (another > error) *this = {another, x, beta};
  }
};

// The largest errors of one contestant's kernel, and those where subnormal numbers are flushed to zero.
struct Result {
  Worst kept, flushed;
};

// While it lives, this thread flushes subnormal numbers to zero, as TensorFlow's threads do.
class Flushing {
#if defined(__SSE2__)
 public:
  Flushing() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }
  ~Flushing() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#endif
};

double WithoutSubnormals(double a) { return std::abs(a) < DBL_MIN ? std::copysign(0.0, a) : a; }

double ErrorAt(const Case& which, double x, double parameter, double got, long double exact) {
  const double rounded = static_cast<double>(exact);
  // Most are the nearest number: no need to look closer, since no stated error is below this.
  if (std::memcmp(&got, &rounded, sizeof got) == 0) return 0.5;
  const long double t = static_cast<long double>(parameter) * x;
  return static_cast<double>(Error<long double>(kFloat64, which.activation, which.order, t, got, exact));
}

// Where subnormal inputs may count as zeros, and subnormal results be zeros.
double ErrorOfFlushed(const Case& which, double x, double parameter, double got, long double exact) {
  if (std::abs(exact) < 2 * DBL_MIN && std::abs(got - exact) <= 2 * DBL_MIN) return 0;
  const double error = ErrorAt(which, x, parameter, got, exact);
  const double flushed_x = WithoutSubnormals(x), flushed_parameter = WithoutSubnormals(parameter);
  if (error <= kPromised || (flushed_x == x && flushed_parameter == parameter)) return error;
  return ErrorOfFlushed(which, flushed_x, flushed_parameter, got,
                        Exact<long double>(which.activation, which.order, flushed_x, flushed_parameter));
}

void CheckBlock(const Case& which, double parameter, std::uint64_t block, std::vector<Result>* results) {
  const std::vector<cpu::InstructionSet> contestants = Contestants();
  const std::vector<double> sorted = Inputs(which, parameter, block), dy(kBlock, 1.0);
  std::vector<double> x(kBlock), out(kBlock);
  std::vector<long double> exact(kBlock);
  for (std::size_t i = 0; i < kBlock; ++i) {
    exact[i] = Exact<long double>(which.activation, which.order, sorted[i], parameter);
  }
  // Neighbours in size one after the other, and far from each other.
  for (const std::size_t stride : {1, 40503}) {
    for (std::size_t i = 0; i < kBlock; ++i) x[i] = sorted[i * stride % kBlock];
    for (std::size_t c = 0; c < contestants.size(); ++c) {
      if (!contestants[c].runs_here) continue;
      const cpu::Kernel kernel = KernelOf(contestants[c].name, which.activation, which.order);
      kernel(dy.data(), x.data(), out.data(), kBlock, parameter, cpu::Access::kCached);
      for (std::size_t i = 0; i < kBlock; ++i) {
        const double error = ErrorAt(which, x[i], parameter, out[i], exact[i * stride % kBlock]);
        (*results)[c].kept.Add(error, x[i], parameter);
      }
      {
        const Flushing flushing;
        kernel(dy.data(), x.data(), out.data(), kBlock, parameter, cpu::Access::kCached);
      }
      for (std::size_t i = 0; i < kBlock; ++i) {
        const double error = ErrorOfFlushed(which, x[i], parameter, out[i], exact[i * stride % kBlock]);
        (*results)[c].flushed.Add(error, x[i], parameter);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t blocks = argc == 2 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (blocks == 0) {
    std::fprintf(stderr, "usage: float64_sweep BLOCKS\n");
    return 2;
  }
  const std::vector<cpu::InstructionSet> contestants = Contestants();
  using Results = std::vector<std::vector<Result>>;
  std::vector<Results> of_threads(std::max(1u, std::thread::hardware_concurrency()),
                                  Results(kCaseCount, std::vector<Result>(contestants.size())));
  std::atomic<std::uint64_t> next{0};
  std::vector<std::thread> threads;
  for (Results& results : of_threads) {
    threads.emplace_back([&] {
      for (std::uint64_t i; (i = next++) < blocks * kCaseCount * kParameterCount;) {
        const std::size_t which = i % kCaseCount;
        const double parameter = kParameters[i / kCaseCount % kParameterCount];
        if (kCases[which].order == Order::kCurvature && !IsOrdinary(parameter)) continue;
        CheckBlock(kCases[which], parameter, i, &results[which]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  bool holds = true;
  for (std::size_t c = 0; c < contestants.size(); ++c) {
    if (!contestants[c].runs_here) {
      std::printf("%-8s does not run here\n", contestants[c].name.c_str());
      continue;
    }
    for (std::size_t which = 0; which < kCaseCount; ++which) {
      Result largest;
      for (const Results& results : of_threads) {
        const Result& part = results[which][c];
        largest.kept.Add(part.kept.error, part.kept.at, part.kept.parameter);
        largest.flushed.Add(part.flushed.error, part.flushed.at, part.flushed.parameter);
      }
      const double stated = contestants[c].name == "sse2" ? kCases[which].stated_of_pairs : kCases[which].stated;
      const bool may_flush = kCases[which].order == Order::kCurvature || largest.flushed.error <= kPromised;
      const bool within = largest.kept.error <= stated && may_flush;
      holds = holds && within;
      std::printf("%-8s %-7s %.4f ULP at %.17g for %g, stated %.2f; flushed %.4f at %.17g for %g%s\n",
                  contestants[c].name.c_str(), kCases[which].name, largest.kept.error, largest.kept.at,
                  largest.kept.parameter, stated, largest.flushed.error, largest.flushed.at, largest.flushed.parameter,
                  within ? "" : "  ABOVE");
    }
  }
  return holds ? 0 : 1;
}
