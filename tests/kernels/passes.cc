// A pass of another shape than those in csrc/passes/list.h, three arrays in and two out, through the same loops: what a
// pass says it takes and gives is all that they ask.
#define HWY_COMPILE_ONLY_STATIC
#include <cmath>
#include <cstdio>
#include <vector>

#include "activations.h"
#include "csrc/cpu/fast_loop.h"
#include "csrc/cpu/run.h"

namespace tfcustomact::passes {

// f(gate) * up: both gradients.
struct GatedGradient {
  static constexpr const char* kInputs[] = {"dy", "gate", "up"};
  static constexpr const char* kOutputs[] = {"dgate", "dup"};
  static constexpr int kX = 1;
  static constexpr Order kOrder = Order::kDerivative;

  template <class F, class Inputs, class Number>
  static TFCUSTOMACT_FUNCTION void Call(const F& f, const Inputs& in, Number (&out)[2]) {
    out[0] = in[0] * in[2] * f.Derivative(in[1]);
    out[1] = in[0] * f.Value(in[1]);
  }
};

}  // namespace tfcustomact::passes

namespace {

using tfcustomact::cpu::Access;
namespace simd = tfcustomact::HWY_NAMESPACE;

struct WideArguments {
  const void* in[3];
  void* out[2];
  double parameter;
};

template <class Loop>
bool Check(Access access, bool in_place) {
  int failures = 0;
  for (const std::size_t size : {0, 1, 63, 64, 1000, 4096}) {
    std::vector<float> dy(size), gate(size), up(size), dgate(size), dup(size);
    for (std::size_t i = 0; i < size; ++i) {
      dy[i] = std::cos(0.11f * i);
      gate[i] = 6 * std::sin(0.37f * i);
      up[i] = std::sin(1.3f * i);
    }
    const std::vector<float> dy_before = dy, gate_before = gate;
    float* const first = in_place ? gate.data() : dgate.data();
    float* const second = in_place ? dy.data() : dup.data();
    simd::Run<Loop>(WideArguments{{dy.data(), gate.data(), up.data()}, {first, second}, 1}, 0, size, access);
    for (std::size_t i = 0; i < size; ++i) {
      const double t = gate_before[i], s = 1 / (1 + std::exp(-t)), product = double{dy_before[i]} * up[i];
      failures += !(std::abs(first[i] - product * s * (1 + t * (1 - s))) <= 1e-6);
      failures += !(std::abs(second[i] - dy_before[i] * t * s) <= 1e-6);
    }
  }
  return failures == 0;
}

}  // namespace

int main() {
  using Pass = tfcustomact::passes::GatedGradient;
  bool holds = true;
  for (const Access access : {Access::kCached, Access::kFetchAhead, Access::kNonTemporal}) {
    for (const bool in_place : {false, true}) {
#if HWY_NATIVE_FMA
      holds &= Check<simd::FastLoop<tfcustomact::Swish, Pass, float, true>>(access, in_place);
      holds &= Check<simd::FastLoop<tfcustomact::Swish, Pass, float, false>>(access, in_place);
#endif
      holds &= Check<simd::ViaDoubleLoop<tfcustomact::Swish, Pass, float>>(access, in_place);
    }
  }
  std::printf(holds ? "holds\n" : "FAILS\n");
  return holds ? 0 : 1;
}
