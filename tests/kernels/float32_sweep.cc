// Holds the float32 kernels of every instruction set that runs here, and those of CUDA compiled for the host, to values
// computed in float64 by the C library.
//
//   float32_sweep STRIDE [PARAMETER]    every STRIDE-th of the 2^32 inputs (1: all), and those around where values
//                                       overflow, for a positive parameter or 1
//
// Prints the largest error of each kernel in ULP, and exits with 1 if one is above what the activation states, or for
// another parameter than 1 above what docs/numerics.md promises.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "csrc/cpu/kernels.h"
#include "tests/kernels/definitions.h"
#include "tests/kernels/scalar_kernels.h"

namespace {

namespace cpu = tfcustomact::cpu;
using tfcustomact::DType;
using tfcustomact::Exact;
using tfcustomact::kActivations;
using tfcustomact::kSubjects;
using tfcustomact::OfOrder;
using tfcustomact::Order;
using tfcustomact::Parameter;
using tfcustomact::Subject;

constexpr int kOrders = 3, kCases = kActivations * kOrders;

const Subject& SubjectOf(int which) { return kSubjects[which / kOrders]; }
Order OrderOf(int which) { return Order{which % kOrders}; }

// An activation without a parameter is the same for all of them.
bool IsAbout(int which, double parameter) { return parameter == 1 || SubjectOf(which).parameter != Parameter::kNone; }

// The largest error of values and derivatives, in ULP, for any parameter.
constexpr double kPromised = 2;

// What computes: an instruction set of the CPU, or the formulas of CUDA as "scalar".
struct Contestant {
  std::string name;
  bool runs_here, has_fma, is_scalar;
  std::function<cpu::Kernel(int which)> kernel;

  // The CPU's second derivatives are computed in float64 lanes, with no error but the last rounding.
  bool IsJudged(int which, double parameter) const {
    return IsAbout(which, parameter) && (OrderOf(which) != Order::kSecondDerivative || (is_scalar && parameter == 1));
  }

  // The largest error in ULP: what the activation states for float32 lanes, or that of float64 lanes, which compute
  // everything where there is no fused multiply-add.
  double Stated(int which, double parameter) const {
    if (parameter != 1) return kPromised;
    if (OrderOf(which) == Order::kSecondDerivative) return 16;
    return has_fma ? SubjectOf(which).stated.of_float32[which % kOrders] : 0.51;
  }
};

std::vector<Contestant> Contestants() {
  std::vector<Contestant> contestants;
  for (const cpu::InstructionSet& set : cpu::InstructionSets()) {
    contestants.push_back({set.name, set.runs_here, set.name != "sse2", false, [set](int which) {
                             return cpu::FindKernel(set.name, SubjectOf(which).activation,
                                                    tfcustomact::PassFor(OrderOf(which)), DType::kFloat32);
                           }});
  }
  contestants.push_back({"scalar", tfcustomact::ScalarKernelsRunHere(), true, true, [](int which) {
                           return tfcustomact::ScalarKernel(SubjectOf(which).activation,
                                                            tfcustomact::PassFor(OrderOf(which)), DType::kFloat32);
                         }});
  return contestants;
}

// The distance of two neighbours at the exact value.
double Ulp(double exact, double floor) {
  const double size = std::max({std::abs(exact), floor, 0x1p-126});
  std::uint64_t bits;
  std::memcpy(&bits, &size, sizeof bits);
  bits = (bits >> 52 << 52) - (std::uint64_t{23} << 52);
  double ulp;
  std::memcpy(&ulp, &bits, sizeof ulp);
  return ulp;
}

struct Worst {
  double error = 0;
  float at = 0;
};

double Error(float got, double exact, double argument, int which) {
  const float rounded = static_cast<float>(exact);
  // The nearest number: its error is no more than this, which is below every stated error.
  if (std::memcmp(&got, &rounded, sizeof got) == 0) return 0.5;
  if (std::isnan(exact) || std::isnan(got)) return std::isnan(exact) == std::isnan(got) ? 0 : INFINITY;
  if (std::isinf(rounded) || std::isinf(got)) return rounded == got ? 0 : INFINITY;
  if (got == 0 && std::signbit(got) != std::signbit(exact) && OrderOf(which) == Order::kValue) return INFINITY;
  return std::abs(got - exact) / Ulp(rounded, SubjectOf(which).ulp_floor(OrderOf(which), argument));
}

constexpr std::size_t kBlock = 4096;

void Sweep(std::uint64_t begin, std::uint64_t end, std::uint64_t stride, float parameter, std::vector<Worst>* worst) {
  const std::vector<Contestant> sets = Contestants();
  std::vector<float> x(kBlock), out(kBlock), ones(kBlock, 1.0f);
  std::vector<Exact<double>> exact(kBlock);
  for (std::uint64_t start = begin; start < end; start += kBlock * stride) {
    for (std::size_t i = 0; i < kBlock; ++i) {
      const std::uint32_t bits = static_cast<std::uint32_t>(start + i * stride);
      std::memcpy(&x[i], &bits, sizeof bits);
    }
    for (int which = 0; which < kCases; ++which) {
      if (!IsAbout(which, parameter)) continue;
      const Subject& subject = SubjectOf(which);
      if (which % kOrders == 0) {
        for (std::size_t i = 0; i < kBlock; ++i) exact[i] = subject.At(double{x[i]}, double{parameter});
      }
      for (std::size_t set = 0; set < sets.size(); ++set) {
        if (!sets[set].runs_here || !sets[set].IsJudged(which, parameter)) continue;
        sets[set].kernel(which)(tfcustomact::ArgumentsFor(OrderOf(which), ones.data(), x.data(), out.data(), parameter),
                                0, kBlock, cpu::Access::kCached);
        Worst& largest = (*worst)[set * kCases + which];
        for (std::size_t i = 0; i < kBlock; ++i) {
          const double argument = subject.ArgumentOf<double>(x[i], parameter);
          const double error = Error(out[i], OfOrder(exact[i], OrderOf(which)), argument, which);
          if (error > largest.error) largest = {error, x[i]};
        }
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t stride = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 0;
  const float parameter = argc > 2 ? std::strtof(argv[2], nullptr) : 1.0f;
  if (stride == 0 || !(parameter > 0)) {
    std::fprintf(stderr, "usage: float32_sweep STRIDE [PARAMETER]\n");
    return 2;
  }
  const std::vector<Contestant> sets = Contestants();
  const unsigned thread_count = std::max(1u, std::thread::hardware_concurrency());
  const std::uint64_t share = (std::uint64_t{1} << 32) / thread_count;
  std::vector<std::vector<Worst>> worst(thread_count, std::vector<Worst>(sets.size() * kCases));
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < thread_count; ++t)
    threads.emplace_back(Sweep, t * share, (t + 1) * share, stride, parameter, &worst[t]);
  for (std::thread& thread : threads) thread.join();
  for (const Subject& subject : kSubjects) {
    const float overflows = tfcustomact::WhereValuesOverflow(subject, parameter);
    std::uint32_t bits;
    std::memcpy(&bits, &overflows, sizeof bits);
    Sweep(bits - kBlock / 2, bits + kBlock / 2, 1, parameter, &worst[0]);
  }

  bool holds = true;
  for (std::size_t set = 0; set < sets.size(); ++set) {
    if (!sets[set].runs_here) {
      std::printf("%-8s does not run here\n", sets[set].name.c_str());
      continue;
    }
    for (int which = 0; which < kCases; ++which) {
      if (!sets[set].IsJudged(which, parameter)) continue;
      Worst largest;
      for (const auto& part : worst) {
        if (part[set * kCases + which].error > largest.error) largest = part[set * kCases + which];
      }
      const double stated = sets[set].Stated(which, parameter);
      const bool within = largest.error <= stated;
      holds = holds && within;
      std::printf("%-8s %s%-3s %.4f ULP at %.9g, stated %.2f%s\n", sets[set].name.c_str(), SubjectOf(which).name,
                  tfcustomact::Primes(OrderOf(which)), largest.error, largest.at, stated, within ? "" : "  ABOVE");
    }
  }
  return holds ? 0 : 1;
}
