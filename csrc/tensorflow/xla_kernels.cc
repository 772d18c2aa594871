// The XLA lowering of every op, so that they work, and fuse with their neighbours, inside jit_compile=True.
#include "csrc/passes/applied.h"
#include "csrc/passes/contracts.h"
#include "csrc/passes/passes.h"
#include "csrc/tensorflow/hlo_math.h"
#include "csrc/tensorflow/registration.h"
#include "tensorflow/compiler/tf2xla/type_util.h"
#include "tensorflow/compiler/tf2xla/xla_op_kernel.h"
#include "tensorflow/compiler/tf2xla/xla_op_registry.h"

namespace tfcustomact {
namespace {

static_assert(kIsNumberModel<HloMath, HloNumber>);

template <class AnActivation, class APass>
class PassLowering : public tensorflow::XlaOpKernel {
  static constexpr int kParameters = kParametersOf<AnActivation>;

 public:
  using tensorflow::XlaOpKernel::XlaOpKernel;

  void Compile(tensorflow::XlaOpKernelContext* context) override {
    xla::PrimitiveType type;
    OP_REQUIRES_OK(context, tensorflow::DataTypeToPrimitiveType(context->input_type(kParameters), &type));
    const xla::PrimitiveType computed = type == xla::F64 ? xla::F64 : xla::F32;
    HloNumber in[passes::kInputsOf<APass>], out[passes::kOutputsOf<APass>];
    for (int i = 0; i < passes::kInputsOf<APass>; ++i) {
      in[i] = xla::ConvertElementType(context->Input(kParameters + i), computed);
    }
    const HloMath::Coefficient parameter = ParameterOf(context, computed);
    APass::Call(Applied<AnActivation, HloMath>(parameter), in, out);
    for (int i = 0; i < passes::kOutputsOf<APass>; ++i) {
      context->SetOutput(i, xla::ConvertElementType(out[i].op(), type));
    }
  }

 private:
  // It may also be known at run time only: that is no error, only slower.
  static HloMath::Coefficient ParameterOf(tensorflow::XlaOpKernelContext* context, xla::PrimitiveType type) {
    if constexpr (kParameters == 0) {
      return {xla::One(context->builder(), type), true};
    } else {
      xla::Literal literal;
      const bool is_one = context->ConstantInput(0, &literal).ok() && literal.Get<double>({}) == 1.0;
      return {xla::ConvertElementType(context->Input(0), type), is_one};
    }
  }
};

// REGISTER_XLA_OP fails in a process where XLA has compiled something before this library is loaded: XLA collects its
// ops once. Kernels of its devices, registered one by one, are found at any time.
struct Register {
  template <class AnActivation, Activation, class APass, Pass>
  static void OfPass(const char* activation) {
    for (const char* device : {tensorflow::DEVICE_CPU_XLA_JIT, tensorflow::DEVICE_GPU_XLA_JIT}) {
      ::tensorflow::KernelDefBuilder builder(OpName<APass>(activation).c_str());
      RegisterKernel<PassLowering<AnActivation, APass>>(builder.Device(device));
    }
  }
};

const ForEveryPass<Register> registered;

}  // namespace
}  // namespace tfcustomact
