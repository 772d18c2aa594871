// Holds the float64 kernels of every instruction set that runs here, and those of CUDA compiled for the host, to values
// computed in long double.
//
//   float64_sweep BLOCKS    65,536 inputs a block, for every parameter
//
// Prints the largest error of each kernel in ULP, and exits with 1 if one is above what the activation states, or if a
// special value is wrong.
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
#include "tests/kernels/definitions.h"
#include "tests/kernels/scalar_kernels.h"

namespace {

namespace cpu = tfcustomact::cpu;
using tfcustomact::DType;
using tfcustomact::Error;
using tfcustomact::Exact;
using tfcustomact::kActivations;
using tfcustomact::kSubjects;
using tfcustomact::OfOrder;
using tfcustomact::Order;
using tfcustomact::Parameter;
using tfcustomact::ParametersToTry;
using tfcustomact::Subject;

static_assert(LDBL_MANT_DIG >= 64, "long double must be more precise than double");

constexpr tfcustomact::Format kFloat64 = {52, -1022, 1023};

constexpr std::size_t kOrders = 3, kCases = kActivations * kOrders;

struct Case {
  const Subject& subject;
  Order order;

  explicit Case(std::size_t which) : subject(kSubjects[which / kOrders]), order(Order(which % kOrders)) {}

  // The largest errors, in ULP, that the activation states, and of second derivatives those promised.
  double Stated(bool of_double_double) const {
    if (order == Order::kSecondDerivative) return 16;
    const int which = static_cast<int>(order);
    return of_double_double ? subject.stated.of_double_double[which] : subject.stated.of_float64[which];
  }
};

// The largest error of values and derivatives, in ULP, also where subnormal numbers are flushed to zero.
constexpr double kPromised = 2;

// The fast model does not serve the last four.
constexpr double kParameters[] = {1, 1.7, -0.3, 1e-275, 1e289, 0, 1e-276, -1e300, 1e-310};
constexpr std::size_t kParameterCount = sizeof kParameters / sizeof *kParameters;

// Whether second derivatives have a promised error for the parameter.
bool IsOrdinary(double parameter) { return parameter == 0 || (std::abs(parameter) > 0.1 && std::abs(parameter) < 10); }

// What computes: an instruction set of the CPU, or the formulas of CUDA as "scalar".
std::vector<cpu::InstructionSet> Contestants() {
  std::vector<cpu::InstructionSet> contestants = cpu::InstructionSets();
  contestants.push_back({"scalar", tfcustomact::ScalarKernelsRunHere()});
  return contestants;
}

cpu::Kernel KernelOf(const std::string& contestant, const Case& which) {
  const tfcustomact::Pass pass = tfcustomact::PassFor(which.order);
  return contestant == "scalar" ? tfcustomact::ScalarKernel(which.subject.activation, pass, DType::kFloat64)
                                : cpu::FindKernel(contestant, which.subject.activation, pass, DType::kFloat64);
}

constexpr std::size_t kBlock = 65536;

// Random bits, numbers around zero, numbers whose exponential over- or underflows, and special values; sorted by size,
// so that neighbours are computed by the same model: a loop chooses one for several elements together.
std::vector<double> Inputs(const Case& which, double parameter, std::uint64_t block) {
  std::vector<double> x = {0.0, -0.0, INFINITY, -INFINITY, NAN, DBL_MIN, -DBL_MIN, DBL_MAX, -DBL_MAX, 0x1p-1074};
  const double overflows = tfcustomact::WhereValuesOverflow(which.subject, parameter);
  for (int i = -64; i < 64; ++i) x.push_back(overflows + i * 0x1p970);
  const Parameter kind = which.subject.parameter;
  const double factor = kind == Parameter::kFactorOfX ? parameter : kind == Parameter::kDivisorOfX ? 1 / parameter : 1;
  const double scale = std::abs(factor) > 1e-300 && std::abs(factor) < 1e300 ? factor : 1;
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

// As long as it exists, this thread flushes subnormal numbers to zero, as TensorFlow's threads do.
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

long double ExactAt(const Case& which, long double x, long double parameter) {
  return OfOrder(which.subject.At(x, parameter), which.order);
}

double ErrorAt(const Case& which, double x, double parameter, double got, long double exact) {
  const double rounded = static_cast<double>(exact);
  // The nearest number: its error is no more than this, which is below every stated error.
  if (std::memcmp(&got, &rounded, sizeof got) == 0) return 0.5;
  const long double argument = which.subject.ArgumentOf<long double>(x, parameter);
  return static_cast<double>(Error<long double>(kFloat64, which.subject, which.order, argument, got, exact));
}

// The error where subnormal inputs may count as zeros, and zeros stand for subnormal results.
double ErrorOfFlushed(const Case& which, double x, double parameter, double got, long double exact) {
  if (std::abs(exact) < 2 * DBL_MIN && std::abs(got - exact) <= 2 * DBL_MIN) return 0;
  const double error = ErrorAt(which, x, parameter, got, exact);
  const double flushed_x = WithoutSubnormals(x), flushed_parameter = WithoutSubnormals(parameter);
  if (error <= kPromised || (flushed_x == x && flushed_parameter == parameter)) return error;
  return ErrorOfFlushed(which, flushed_x, flushed_parameter, got, ExactAt(which, flushed_x, flushed_parameter));
}

void CheckBlock(const Case& which, double parameter, std::uint64_t block, std::vector<Result>* results) {
  const std::vector<cpu::InstructionSet> contestants = Contestants();
  const std::vector<double> sorted = Inputs(which, parameter, block), dy(kBlock, 1.0);
  std::vector<double> x(kBlock), out(kBlock);
  std::vector<long double> exact(kBlock);
  for (std::size_t i = 0; i < kBlock; ++i) {
    exact[i] = ExactAt(which, sorted[i], parameter);
  }
  // Neighbours in size one after the other, and far from each other.
  for (const std::size_t stride : {1, 40503}) {
    for (std::size_t i = 0; i < kBlock; ++i) x[i] = sorted[i * stride % kBlock];
    for (std::size_t c = 0; c < contestants.size(); ++c) {
      if (!contestants[c].runs_here) continue;
      const cpu::Kernel kernel = KernelOf(contestants[c].name, which);
      const tfcustomact::Arguments arguments =
          tfcustomact::ArgumentsFor(which.order, dy.data(), x.data(), out.data(), parameter);
      kernel(arguments, 0, kBlock, cpu::Access::kCached);
      for (std::size_t i = 0; i < kBlock; ++i) {
        const double error = ErrorAt(which, x[i], parameter, out[i], exact[i * stride % kBlock]);
        (*results)[c].kept.Add(error, x[i], parameter);
      }
      {
        const Flushing flushing;
        kernel(arguments, 0, kBlock, cpu::Access::kCached);
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
                                  Results(kCases, std::vector<Result>(contestants.size())));
  std::atomic<std::uint64_t> next{0};
  std::vector<std::thread> threads;
  for (Results& results : of_threads) {
    threads.emplace_back([&] {
      for (std::uint64_t i; (i = next++) < blocks * kCases * kParameterCount;) {
        const Case which(i % kCases);
        const std::size_t number = i / kCases % kParameterCount;
        if (number >= ParametersToTry(which.subject, kParameters)) continue;
        const double parameter = Accepted(which.subject, kParameters[number]);
        if (which.order == Order::kSecondDerivative && !IsOrdinary(parameter)) continue;
        CheckBlock(which, parameter, i, &results[i % kCases]);
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
    for (std::size_t number = 0; number < kCases; ++number) {
      const Case which(number);
      Result largest;
      for (const Results& results : of_threads) {
        const Result& part = results[number][c];
        largest.kept.Add(part.kept.error, part.kept.at, part.kept.parameter);
        largest.flushed.Add(part.flushed.error, part.flushed.at, part.flushed.parameter);
      }
      const double stated = which.Stated(contestants[c].name == "sse2");
      const bool may_flush =
          which.order == Order::kSecondDerivative || largest.flushed.error <= std::max(kPromised, stated);
      const bool within = largest.kept.error <= stated && may_flush;
      holds = holds && within;
      std::printf("%-8s %s%-3s %.4f ULP at %.17g for %g, stated %.2f; flushed %.4f at %.17g for %g%s\n",
                  contestants[c].name.c_str(), which.subject.name, tfcustomact::Primes(which.order), largest.kept.error,
                  largest.kept.at, largest.kept.parameter, stated, largest.flushed.error, largest.flushed.at,
                  largest.flushed.parameter, within ? "" : "  ABOVE");
    }
  }
  return holds ? 0 : 1;
}
