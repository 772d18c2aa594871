#include "tests/kernels/scalar_kernels.h"

#include "activations.h"
#include "csrc/cuda/elements.h"
#include "tests/kernels/erring.h"

namespace tfcustomact {
namespace {

template <class Element>
void Run(const Arguments& arguments, std::size_t begin, std::size_t end, cpu::Access) {
  using Number = typename Element::Number;
  const Element element(arguments.parameter);
  for (std::size_t i = begin; i < end; ++i) {
    Number in[Element::kInputs], out[Element::kOutputs];
    for (int k = 0; k < Element::kInputs; ++k) in[k] = static_cast<const Number*>(arguments.in[k])[i];
    element.OfAny(in, out);
    for (int k = 0; k < Element::kOutputs; ++k) static_cast<Number*>(arguments.out[k])[i] = out[k];
  }
}

template <class Activation, class Pass>
cpu::Kernel KernelOf(DType dtype) {
  if (dtype == DType::kFloat64)
    return Run<typename cuda::ElementOf<Activation, Pass, DType::kFloat64, ErringBothWays>::Type>;
  return Run<typename cuda::ElementOf<Activation, Pass, DType::kFloat32, ErringBothWays>::Type>;
}

template <class Activation>
cpu::Kernel KernelOf(Pass pass, DType dtype) {
#define TFCUSTOMACT_CASE(Name) \
  if (pass == Pass::k##Name) return KernelOf<Activation, passes::Name>(dtype);
  TFCUSTOMACT_PASSES(TFCUSTOMACT_CASE)
#undef TFCUSTOMACT_CASE
  return nullptr;
}

}  // namespace

cpu::Kernel ScalarKernel(Activation activation, Pass pass, DType dtype) {
#define TFCUSTOMACT_CASE(Name, name) \
  if (activation == Activation::k##Name) return KernelOf<Name>(pass, dtype);
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
