// The TensorFlow kernel of every op, for any kind of device.
#pragma once

#include <string>
#include <type_traits>

#include "csrc/passes/passes.h"
#include "csrc/tensorflow/registration.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/register_types.h"

namespace tfcustomact {

template <typename T>
constexpr DType DTypeOf() {
  if constexpr (std::is_same_v<T, Eigen::half>) return DType::kFloat16;
  if constexpr (std::is_same_v<T, Eigen::bfloat16>) return DType::kBFloat16;
  if constexpr (std::is_same_v<T, float>) return DType::kFloat32;
  if constexpr (std::is_same_v<T, double>) return DType::kFloat64;
}

// Inputs: the parameter as a scalar float64 in the host's memory, if there is one, and the arrays of the pass, of one
// shape. An output takes over the memory of an input that is not used elsewhere.
//
// Device::Allocate(context, i, dtype, shape, &out) makes the output number i; Device::Run(context, activation, pass,
// dtype, arguments, size) runs the kernel.
template <class Device, class AnActivation, Activation kActivation, class APass, Pass kPass, typename T>
class PassOp : public ::tensorflow::OpKernel {
  static constexpr int kParameters = kParametersOf<AnActivation>;

 public:
  using OpKernel::OpKernel;

  void Compute(::tensorflow::OpKernelContext* context) override {
    const ::tensorflow::TensorShape& shape = context->input(kParameters + APass::kX).shape();
    Arguments arguments = {{}, {}, 1};
    if constexpr (kParameters == 1) {
      const ::tensorflow::Tensor& parameter = context->input(0);
      OP_REQUIRES(context, ::tensorflow::TensorShapeUtils::IsScalar(parameter.shape()),
                  absl::InvalidArgumentError(
                      absl::StrCat("the parameter must be a scalar, not of shape ", parameter.shape().DebugString())));
      arguments.parameter = parameter.scalar<double>()();
    }
    for (int i = 0; i < passes::kInputsOf<APass>; ++i) {
      const ::tensorflow::Tensor& input = context->input(kParameters + i);
      OP_REQUIRES(context, input.shape() == shape,
                  absl::InvalidArgumentError(absl::StrCat(APass::kInputs[i], " and ", APass::kInputs[APass::kX],
                                                          " must have one shape, not ", input.shape().DebugString(),
                                                          " and ", shape.DebugString())));
      arguments.in[i] = input.data();
    }
    for (int o = 0; o < passes::kOutputsOf<APass>; ++o) {
      ::tensorflow::Tensor* out = nullptr;
      bool is_forwarded = false;
      for (int i = 0; i < passes::kInputsOf<APass> && !is_forwarded; ++i) {
        is_forwarded = context->forward_input_to_output_with_shape(kParameters + i, o, shape, &out);
      }
      if (!is_forwarded) {
        OP_REQUIRES_OK(context, Device::Allocate(context, o, ::tensorflow::DataTypeToEnum<T>::value, shape, &out));
      }
      arguments.out[o] = out->data();
    }
    Device::Run(context, kActivation, kPass, DTypeOf<T>(), arguments, shape.num_elements());
  }
};

// Registers the kernels of every op for a device.
template <class Device>
struct RegisterKernels {
  template <class AnActivation, Activation kActivation, class APass, Pass kPass>
  static void OfPass(const char* activation) {
    OfDType<AnActivation, kActivation, APass, kPass, Eigen::half>(activation);
    OfDType<AnActivation, kActivation, APass, kPass, Eigen::bfloat16>(activation);
    OfDType<AnActivation, kActivation, APass, kPass, float>(activation);
    OfDType<AnActivation, kActivation, APass, kPass, double>(activation);
  }

 private:
  template <class AnActivation, Activation kActivation, class APass, Pass kPass, typename T>
  static void OfDType(const char* activation) {
    ::tensorflow::KernelDefBuilder builder(OpName<APass>(activation).c_str());
    builder.Device(Device::Name()).template TypeConstraint<T>("T");
    if constexpr (kParametersOf<AnActivation> == 1) builder.HostMemory(AnActivation::kParameterName);
    RegisterKernel<PassOp<Device, AnActivation, kActivation, APass, kPass, T>>(builder);
  }
};

}  // namespace tfcustomact
