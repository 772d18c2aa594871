// The TensorFlow kernels of the ops whose arrays all have one shape, for any kind of device.
#pragma once

#include "csrc/passes/passes.h"
#include "csrc/tensorflow/registration.h"
#include "tensorflow/core/framework/op_kernel.h"

namespace tfcustomact {

// The ops have no other types.
inline DType DTypeOf(const ::tensorflow::Tensor& tensor) {
  switch (tensor.dtype()) {
    case ::tensorflow::DT_HALF:
      return DType::kFloat16;
    case ::tensorflow::DT_BFLOAT16:
      return DType::kBFloat16;
    case ::tensorflow::DT_FLOAT:
      return DType::kFloat32;
    default:
      return DType::kFloat64;
  }
}

// Reads the number that is the activation's parameter, if there is one.
inline absl::Status ReadNumber(::tensorflow::OpKernelContext* context, const Function& function, Arguments* arguments) {
  arguments->parameter = 1;
  if (!function.HasNumber()) return absl::OkStatus();
  const ::tensorflow::Tensor& number = context->input(0);
  if (!::tensorflow::TensorShapeUtils::IsScalar(number.shape())) {
    return absl::InvalidArgumentError(
        absl::StrCat(function.parameter_name, " must be a scalar, not of shape ", number.shape().DebugString()));
  }
  arguments->parameter = *static_cast<const double*>(number.data());
  return absl::OkStatus();
}

// Takes the arrays of a pass, all of one shape, and gives it its outputs. These take over the memory of inputs that are
// not used elsewhere.
//
// Device::Allocate(context, i, dtype, shape, &out) makes the output number i.
template <class Device>
absl::Status SetArrays(::tensorflow::OpKernelContext* context, const Function& function, Arguments* arguments) {
  const PassFacts& facts = function.facts;
  const int first = function.FirstArray();
  const ::tensorflow::Tensor& x = context->input(first + facts.x);
  for (int i = 0; i < facts.inputs; ++i) {
    const ::tensorflow::Tensor& input = context->input(first + i);
    TF_RETURN_IF_ERROR(CheckShape(facts.input_names[i], input.shape(), facts.input_names[facts.x], x.shape()));
    arguments->in[i] = input.data();
  }
  for (int o = 0; o < facts.outputs; ++o) {
    ::tensorflow::Tensor* out = nullptr;
    bool is_forwarded = false;
    for (int i = 0; i < facts.inputs && !is_forwarded; ++i) {
      is_forwarded = context->forward_input_to_output_with_shape(first + i, o, x.shape(), &out);
    }
    if (!is_forwarded) TF_RETURN_IF_ERROR(Device::Allocate(context, o, x.dtype(), x.shape(), &out));
    arguments->out[o] = out->data();
  }
  return absl::OkStatus();
}

// Device::Run(context, activation, pass, dtype, arguments, size) runs the kernel.
template <class Device>
class PassOp : public ::tensorflow::OpKernel {
 public:
  PassOp(::tensorflow::OpKernelConstruction* context, const Function& function)
      : OpKernel(context), function_(function) {}

  void Compute(::tensorflow::OpKernelContext* context) override {
    Arguments arguments = {};
    OP_REQUIRES_OK(context, ReadNumber(context, function_, &arguments));
    OP_REQUIRES_OK(context, SetArrays<Device>(context, function_, &arguments));
    const ::tensorflow::Tensor& x = context->input(function_.FirstArray() + function_.facts.x);
    Device::Run(context, function_.activation, function_.pass, DTypeOf(x), arguments, x.NumElements());
  }

 private:
  const Function function_;
};

}  // namespace tfcustomact
