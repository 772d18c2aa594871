#include "tests/kernels/scalar_kernels.h"

#include "csrc/cuda/elements.h"
#include "tests/kernels/erring.h"

namespace tfcustomact {
namespace {

template <class Element>
void Run(const void* dy, const void* x, void* out, std::size_t size, double parameter, cpu::Access) {
  using Number = typename Element::Number;
  const Element element(parameter);
  for (std::size_t i = 0; i < size; ++i) {
    const Number dy_i = Element::kDerivative == Order::kValue ? 1 : static_cast<const Number*>(dy)[i];
    static_cast<Number*>(out)[i] = element.OfAny(dy_i, static_cast<const Number*>(x)[i]);
  }
}

template <template <class> class Formula, Order kOrder>
cpu::Kernel KernelOf(DType dtype) {
  if (dtype == DType::kFloat64)
    return Run<typename cuda::ElementOf<Formula, kOrder, DType::kFloat64, ErringBothWays>::Type>;
  return Run<typename cuda::ElementOf<Formula, kOrder, DType::kFloat32, ErringBothWays>::Type>;
}

template <template <class> class Formula>
cpu::Kernel KernelOf(Order order, DType dtype) {
  if (order == Order::kValue) return KernelOf<Formula, Order::kValue>(dtype);
  if (order == Order::kSlope) return KernelOf<Formula, Order::kSlope>(dtype);
  return KernelOf<Formula, Order::kCurvature>(dtype);
}

}  // namespace

cpu::Kernel ScalarKernel(Activation activation, Order order, DType dtype) {
#define TFCUSTOMACT_CASE(Formula, name, parameter) \
  if (activation == Activation::k##Formula) return KernelOf<Formula>(order, dtype);
  TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_CASE)
#undef TFCUSTOMACT_CASE
  return nullptr;
}

bool ScalarKernelsRunHere() {
#if defined(__FMA__) && defined(__x86_64__)
  return __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2");
#else
  return true;
#endif
}

}  // namespace tfcustomact
