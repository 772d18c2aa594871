// Holds the float32 kernels of every instruction set that runs here, and those of CUDA compiled for the host, to values
// computed in float64 by the C library.
//
//   float32_sweep STRIDE [PARAMETER]    every STRIDE-th of the 2^32 inputs (1: all), for a positive parameter or 1
//
// Prints the largest error of each kernel in ULP, and exits with 1 if one is above what docs/numerics.md
// states, or for another parameter than 1 above what it promises.
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
#include "tests/kernels/scalar_kernels.h"

namespace {

namespace cpu = tfcustomact::cpu;
using tfcustomact::Activation;
using tfcustomact::DType;
using tfcustomact::Order;

struct Case {
  const char* name;
  Activation activation;
  Order order;
  // The largest errors, in ULP, that docs/numerics.md states: of float32 lanes, and where float64 lanes serve all.
  double stated, stated_of_wide;
};

constexpr Case kCases[] = {
    {"swish", Activation::kSwish, Order::kValue, 1.81, 0.51},
    {"swish'", Activation::kSwish, Order::kSlope, 1.75, 0.51},
    {"elu", Activation::kElu, Order::kValue, 1.27, 0.51},
    {"elu'", Activation::kElu, Order::kSlope, 0.91, 0.51},
    {"swish''", Activation::kSwish, Order::kCurvature, 16, 16},
    {"elu''", Activation::kElu, Order::kCurvature, 16, 16},
};
constexpr int kCaseCount = 6;

// Of values and slopes, for any parameter.
constexpr double kPromised = 2;

// What computes: an instruction set of the CPU, or the formulas of CUDA as "scalar".
struct Contestant {
  std::string name;
  bool runs_here, is_wide;
  // How many of the cases for a parameter of 1: the CPU's second derivatives come from float64 lanes, and have no
  // errors to look for.
  int cases;
  std::function<cpu::Kernel(Activation, Order)> kernel;
};

std::vector<Contestant> Contestants() {
  std::vector<Contestant> contestants;
  for (const cpu::InstructionSet& set : cpu::InstructionSets()) {
    contestants.push_back({set.name, set.runs_here, set.name == "sse2", 4, [set](Activation activation, Order order) {
                             return cpu::FindKernel(set.name, activation, order, DType::kFloat32);
                           }});
  }
  contestants.push_back(
      {"scalar", tfcustomact::ScalarKernelsRunHere(), false, kCaseCount, [](Activation activation, Order order) {
         return tfcustomact::ScalarKernel(activation, order, DType::kFloat32);
       }});
  return contestants;
}

struct Exact {
  double value[kCaseCount];
};

Exact ExactAt(double x, double parameter) {
  const double t = parameter * x, power = std::exp(-std::abs(t)), sum = 1 + power;
  const double bend = parameter * power / (sum * sum) * (2 - std::abs(t) * (1 - power) / sum);
  const double falling = parameter * std::exp(x);
  Exact exact;
  if (std::isinf(x)) {
    exact = {{x > 0 ? x : -0.0, x > 0 ? 1.0 : 0.0, x > 0 ? x : -parameter, x > 0 ? 1.0 : 0.0, 0.0, 0.0}};
  } else if (x > 0) {
    exact = {{x / sum, (sum + t * power) / (sum * sum), x, 1.0, bend, 0.0}};
  } else {
    exact = {{x * power / sum, power * (sum + t) / (sum * sum), x == 0 ? x : parameter * std::expm1(x), falling, bend,
              falling}};
  }
  return exact;
}

// Around the roots of swish' and swish'', where t = beta * x, errors are in ULPs of 2^-4.
bool IsNearRoot(int which, double t) {
  return (which == 1 && t >= -2 && t <= -0.8) || (which == 4 && std::abs(t) > 2 && std::abs(t) < 3);
}

// The distance of two neighbours at the exact value.
double Ulp(double exact, bool near_root) {
  const double size = std::max(std::abs(exact), near_root ? 0x1p-4 : 0x1p-126);
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

double Error(float got, double exact, double t, int which) {
  const float rounded = static_cast<float>(exact);
  // Most are the nearest number: no need to look closer, since no stated error is below this.
  if (std::memcmp(&got, &rounded, sizeof got) == 0) return 0.5;
  if (std::isnan(exact) || std::isnan(got)) return std::isnan(exact) == std::isnan(got) ? 0 : INFINITY;
  if (std::isinf(rounded) || std::isinf(got)) return rounded == got ? 0 : INFINITY;
  const bool wrong_sign = got == 0 && std::signbit(got) != std::signbit(exact) && kCases[which].order == Order::kValue;
  if (wrong_sign) return INFINITY;
  return std::abs(got - exact) / Ulp(rounded, IsNearRoot(which, t));
}

void Sweep(std::uint64_t begin, std::uint64_t end, std::uint64_t stride, float parameter, std::vector<Worst>* worst) {
  constexpr std::size_t kBlock = 4096;
  const std::vector<Contestant> sets = Contestants();
  std::vector<float> x(kBlock), out(kBlock), ones(kBlock, 1.0f);
  std::vector<Exact> exact(kBlock);
  for (std::uint64_t start = begin; start < end; start += kBlock * stride) {
    for (std::size_t i = 0; i < kBlock; ++i) {
      const std::uint32_t bits = static_cast<std::uint32_t>(start + i * stride);
      std::memcpy(&x[i], &bits, sizeof bits);
      exact[i] = ExactAt(x[i], parameter);
    }
    for (std::size_t set = 0; set < sets.size(); ++set) {
      if (!sets[set].runs_here) continue;
      for (int which = 0; which < (parameter == 1 ? sets[set].cases : 4); ++which) {
        const cpu::Kernel kernel = sets[set].kernel(kCases[which].activation, kCases[which].order);
        kernel(ones.data(), x.data(), out.data(), kBlock, parameter, cpu::Access::kCached);
        Worst& most = (*worst)[set * kCaseCount + which];
        for (std::size_t i = 0; i < kBlock; ++i) {
          const double error = Error(out[i], exact[i].value[which], double{parameter} * x[i], which);
          if (error > most.error) most = {error, x[i]};
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
  std::vector<std::vector<Worst>> worst(thread_count, std::vector<Worst>(sets.size() * kCaseCount));
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < thread_count; ++t)
    threads.emplace_back(Sweep, t * share, (t + 1) * share, stride, parameter, &worst[t]);
  for (std::thread& thread : threads) thread.join();

  bool holds = true;
  for (std::size_t set = 0; set < sets.size(); ++set) {
    if (!sets[set].runs_here) {
      std::printf("%-8s does not run here\n", sets[set].name.c_str());
      continue;
    }
    for (int which = 0; which < (parameter == 1 ? sets[set].cases : 4); ++which) {
      Worst most;
      for (const auto& part : worst) {
        if (part[set * kCaseCount + which].error > most.error) most = part[set * kCaseCount + which];
      }
      const double stated = parameter != 1      ? kPromised
                            : sets[set].is_wide ? kCases[which].stated_of_wide
                                                : kCases[which].stated;
      const bool within = most.error <= stated;
      holds = holds && within;
      std::printf("%-8s %-7s %.4f ULP at %.9g, stated %.2f%s\n", sets[set].name.c_str(), kCases[which].name, most.error,
                  most.at, stated, within ? "" : "  ABOVE");
    }
  }
  return holds ? 0 : 1;
}
