// The XLA lowering of every op, so that they work, and fuse with their neighbours, inside jit_compile=True.
#include "csrc/formulas/activations.h"
#include "csrc/formulas/kinds.h"
#include "csrc/tensorflow/hlo_math.h"
#include "tensorflow/compiler/tf2xla/type_util.h"
#include "tensorflow/compiler/tf2xla/xla_op_kernel.h"
#include "tensorflow/compiler/tf2xla/xla_op_registry.h"

namespace tfcustomact {
namespace {

template <template <class> class Formula, Order kOrder>
class ActivationLowering : public tensorflow::XlaOpKernel {
  static constexpr int kDy = 1, kX = kOrder == Order::kValue ? 1 : 2;

 public:
  using tensorflow::XlaOpKernel::XlaOpKernel;

  void Compile(tensorflow::XlaOpKernelContext* context) override {
    xla::PrimitiveType type;
    OP_REQUIRES_OK(context, tensorflow::DataTypeToPrimitiveType(context->input_type(kX), &type));
    const xla::PrimitiveType computed = type == xla::F64 ? xla::F64 : xla::F32;
    const HloNumber x = xla::ConvertElementType(context->Input(kX), computed);
    const HloMath::Coefficient parameter{xla::ConvertElementType(context->Input(0), computed), IsOne(context)};
    if constexpr (kOrder == Order::kValue) {
      context->SetOutput(0, xla::ConvertElementType(Formula<HloMath>::Value(x, parameter).op(), type));
    } else {
      const HloNumber dy = xla::ConvertElementType(context->Input(kDy), computed);
      const HloNumber derivative =
          kOrder == Order::kSlope ? Formula<HloMath>::Slope(x, parameter) : Formula<HloMath>::Curvature(x, parameter);
      context->SetOutput(0, xla::ConvertElementType((dy * derivative).op(), type));
    }
  }

 private:
  // The parameter may also be known at run time only: that is no error, only slower.
  static bool IsOne(tensorflow::XlaOpKernelContext* context) {
    xla::Literal literal;
    return context->ConstantInput(0, &literal).ok() && literal.Get<double>({}) == 1.0;
  }
};

// REGISTER_XLA_OP fails in a process where XLA has compiled something before this library is loaded: XLA collects its
// ops once. Kernels of its devices, registered one by one, are found at any time.
#define TFCUSTOMACT_LOWERING(op_name, Formula, order)                                                                \
  REGISTER_KERNEL_BUILDER(Name(op_name).Device(tensorflow::DEVICE_CPU_XLA_JIT), ActivationLowering<Formula, order>); \
  REGISTER_KERNEL_BUILDER(Name(op_name).Device(tensorflow::DEVICE_GPU_XLA_JIT), ActivationLowering<Formula, order>);
#define TFCUSTOMACT_LOWERINGS(Formula, name, parameter)                       \
  TFCUSTOMACT_LOWERING("Tfcustomact" #Formula, Formula, Order::kValue)        \
  TFCUSTOMACT_LOWERING("Tfcustomact" #Formula "Grad", Formula, Order::kSlope) \
  TFCUSTOMACT_LOWERING("Tfcustomact" #Formula "GradGrad", Formula, Order::kCurvature)

TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_LOWERINGS)

}  // namespace
}  // namespace tfcustomact
