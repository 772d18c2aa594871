// The TensorFlow kernels of the ops whose last two inputs are the halves of one array's last axis, for any kind of
// device.
#pragma once

#include "csrc/passes/halves.h"
#include "csrc/tensorflow/pass_op.h"
#include "csrc/tensorflow/row_op.h"

namespace tfcustomact {

// The halves are read, and their gradients written, where they lie.
template <class Device>
class PackedOp : public ::tensorflow::OpKernel {
 public:
  PackedOp(::tensorflow::OpKernelConstruction* context, const Function& function)
      : OpKernel(context), function_(function) {}

  void Compute(::tensorflow::OpKernelContext* context) override {
    const PassFacts& facts = function_.facts;
    const int first = function_.FirstArray(), unpacked = facts.inputs - 2;
    const ::tensorflow::Tensor& packed = context->input(first + unpacked);
    const DType dtype = DTypeOf(packed);
    ::tensorflow::TensorShape shape = packed.shape();
    OP_REQUIRES_OK(context, CheckPacked(shape));
    const std::size_t length = shape.dim_size(shape.dims() - 1) / 2;
    shape.set_dim(shape.dims() - 1, length);
    Arguments arguments = {};
    OP_REQUIRES_OK(context, ReadNumber(context, function_, &arguments));
    for (int i = 0; i < unpacked; ++i) {
      const ::tensorflow::Tensor& input = context->input(first + i);
      OP_REQUIRES_OK(context, CheckShape(facts.input_names[i], input.shape(), "a half of packed", shape));
      arguments.in[i] = input.data();
    }
    const bool gives_packed = facts.outputs == 2;
    const ::tensorflow::TensorShape& out_shape = gives_packed ? packed.shape() : shape;
    ::tensorflow::Tensor* out = nullptr;
    if (!gives_packed || !context->forward_input_to_output_with_shape(first + unpacked, 0, out_shape, &out)) {
      OP_REQUIRES_OK(context, Device::Allocate(context, 0, packed.dtype(), out_shape, &out));
    }
    arguments.in[unpacked] = packed.data();
    arguments.out[0] = out->data();
    SetHalves(function_.pass, dtype, length, &arguments);
    if (facts.row != Row::kNone) return RunByChannels<Device>(context, function_, shape, arguments, /*outputs=*/1);
    Device::Run(context, function_.activation, function_.pass, dtype, arguments, shape.num_elements());
  }

 private:
  const Function function_;
};

}  // namespace tfcustomact
