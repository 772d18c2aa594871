// The TensorFlow kernel of every op, for any kind of device.
#pragma once

#include <type_traits>

#include "csrc/formulas/kinds.h"
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

// Inputs: the parameter as a scalar float64 in the host's memory, dy (not for values), and x. The output takes over the
// memory of dy or x if nobody else needs it.
//
// Device::Allocate(context, dtype, shape, &out) makes an output; Device::Run<Activation, Order, T>(context, dy, x, out,
// parameter) runs the kernel; dy is null for values, and out a tensor of x's shape.
template <class Device, Activation kActivation, Order kOrder, typename T>
class ActivationOp : public ::tensorflow::OpKernel {
  static constexpr bool kReadsDy = kOrder != Order::kValue;
  static constexpr int kDy = 1, kX = kReadsDy ? 2 : 1;

 public:
  using OpKernel::OpKernel;

  void Compute(::tensorflow::OpKernelContext* context) override {
    const ::tensorflow::Tensor& x = context->input(kX);
    const ::tensorflow::Tensor& parameter = context->input(0);
    OP_REQUIRES(context, ::tensorflow::TensorShapeUtils::IsScalar(parameter.shape()),
                absl::InvalidArgumentError(
                    absl::StrCat("the parameter must be a scalar, not of shape ", parameter.shape().DebugString())));
    const void* dy = nullptr;
    if constexpr (kReadsDy) {
      OP_REQUIRES(context, context->input(kDy).shape() == x.shape(),
                  absl::InvalidArgumentError(absl::StrCat("dy and x must have one shape, not ",
                                                          context->input(kDy).shape().DebugString(), " and ",
                                                          x.shape().DebugString())));
      dy = context->input(kDy).data();
    }
    ::tensorflow::Tensor* out = nullptr;
    const bool is_forwarded = (kReadsDy && context->forward_input_to_output_with_shape(kDy, 0, x.shape(), &out)) ||
                              context->forward_input_to_output_with_shape(kX, 0, x.shape(), &out);
    if (!is_forwarded)
      OP_REQUIRES_OK(context, Device::Allocate(context, ::tensorflow::DataTypeToEnum<T>::value, x.shape(), &out));
    Device::template Run<kActivation, kOrder, T>(context, dy, x, out, parameter.scalar<double>()());
  }
};

// Registers the kernels of an activation for the device of `Device`, a class in the place where this stands:
// TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_KERNELS).
#define TFCUSTOMACT_KERNEL(op_name, Formula, parameter, order, T)                                             \
  REGISTER_KERNEL_BUILDER(Name(op_name).Device(Device::Name()).HostMemory(#parameter).TypeConstraint<T>("T"), \
                          ActivationOp<Device, Activation::k##Formula, Order::order, T>);
#define TFCUSTOMACT_DTYPES(op_name, Formula, parameter, order)            \
  TFCUSTOMACT_KERNEL(op_name, Formula, parameter, order, Eigen::half)     \
  TFCUSTOMACT_KERNEL(op_name, Formula, parameter, order, Eigen::bfloat16) \
  TFCUSTOMACT_KERNEL(op_name, Formula, parameter, order, float)           \
  TFCUSTOMACT_KERNEL(op_name, Formula, parameter, order, double)
#define TFCUSTOMACT_KERNELS(Formula, name, parameter)                           \
  TFCUSTOMACT_DTYPES("Tfcustomact" #Formula, Formula, parameter, kValue)        \
  TFCUSTOMACT_DTYPES("Tfcustomact" #Formula "Grad", Formula, parameter, kSlope) \
  TFCUSTOMACT_DTYPES("Tfcustomact" #Formula "GradGrad", Formula, parameter, kCurvature)

}  // namespace tfcustomact
