// How the ops and their kernels are made known to TensorFlow, without its macros, which take one name at a time.
#pragma once

#include <string>

#include "activations.h"
#include "csrc/passes/passes.h"
#include "tensorflow/core/framework/op_kernel.h"

namespace tfcustomact {

// A scalar of float64, the first input, if the activation has a parameter.
template <class AnActivation>
inline constexpr int kParametersOf = AnActivation::kParameter == Parameter::kNone ? 0 : 1;

// `activation` is the name of its class.
template <class APass>
std::string OpName(const char* activation) {
  return std::string("Tfcustomact") + activation + APass::kOp;
}

template <class Kernel>
void RegisterKernel(::tensorflow::KernelDefBuilder& builder) {
  const ::tensorflow::kernel_factory::OpKernelRegistrar registrar(
      builder.Build(), "tfcustomact",
      [](::tensorflow::OpKernelConstruction* context) -> ::tensorflow::OpKernel* { return new Kernel(context); });
}

// Calls Register::OfPass<class, enumerator, class of the pass, its enumerator>(name of the activation's class) for
// every pass of every activation.
template <class Register>
class ForEveryPass {
 public:
  ForEveryPass() {
#define TFCUSTOMACT_REGISTER(Name, name) OfActivation<Name, Activation::k##Name>(#Name);
    TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_REGISTER)
#undef TFCUSTOMACT_REGISTER
  }

 private:
  template <class AnActivation, Activation kActivation>
  static void OfActivation(const char* activation) {
#define TFCUSTOMACT_REGISTER(Name) \
  Register::template OfPass<AnActivation, kActivation, passes::Name, Pass::k##Name>(activation);
    TFCUSTOMACT_PASSES(TFCUSTOMACT_REGISTER)
#undef TFCUSTOMACT_REGISTER
  }
};

}  // namespace tfcustomact
