// The kernels of one instruction set. Compiled once for each, with TFCUSTOMACT_TABLE naming the function that returns
// them.
#define HWY_COMPILE_ONLY_STATIC
#include <cstdint>
#include <cstring>

#include "activations.h"
#include "csrc/cpu/fast_loop.h"
#include "csrc/cpu/kernel_table.h"
#include "csrc/cpu/run.h"
#include "csrc/passes/passes.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {
namespace {

template <class Activation, class Pass, typename T>
void RunFast(const Arguments& arguments, std::size_t begin, std::size_t end, Access access) {
  constexpr bool kIsAlwaysOne = Activation::kParameter == Parameter::kNone;
  if constexpr (Activation::kParameter == Parameter::kFactorOfX && Pass::kRow != Row::kParameter) {
    if (arguments.parameter == 1) return Run<FastLoop<Activation, Pass, T, true>>(arguments, begin, end, access);
  }
  Run<FastLoop<Activation, Pass, T, kIsAlwaysOne>>(arguments, begin, end, access);
}

template <class Activation, class Pass, typename T>
constexpr cpu::Kernel KernelOf() {
  if constexpr (!passes::kIsPassOf<Activation, Pass>) {
    return nullptr;
  } else if constexpr (Pass::kOrder != Order::kSecondDerivative && HWY_NATIVE_FMA) {
    return RunFast<Activation, Pass, T>;
  } else {
    return Run<typename ModelsOf<typename Activation::Arithmetic, T>::template Precise<Activation, Pass>>;
  }
}

template <class Activation, class Pass>
constexpr cpu::KernelsOfDTypes KernelsOf() {
  return {{KernelOf<Activation, Pass, hwy::float16_t>(), KernelOf<Activation, Pass, hwy::bfloat16_t>(),
           KernelOf<Activation, Pass, float>(), KernelOf<Activation, Pass, double>()}};
}

template <class Activation>
constexpr cpu::KernelsOfPasses KernelsOf() {
#define TFCUSTOMACT_KERNELS(Pass) KernelsOf<Activation, passes::Pass>(),
  return {{TFCUSTOMACT_PASSES(TFCUSTOMACT_KERNELS)}};
#undef TFCUSTOMACT_KERNELS
}

#define TFCUSTOMACT_KERNELS(Activation, name) KernelsOf<Activation>(),
constexpr cpu::KernelTable kTable = {{TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_KERNELS)}};
#undef TFCUSTOMACT_KERNELS

}  // namespace
}  // namespace HWY_NAMESPACE

namespace cpu {
__attribute__((visibility("default"))) const KernelTable& TFCUSTOMACT_TABLE() { return HWY_NAMESPACE::kTable; }
}  // namespace cpu
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
