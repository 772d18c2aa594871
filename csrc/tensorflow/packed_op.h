// The TensorFlow kernels of the ops whose last two inputs are the halves of one array's last axis, for any kind of
// device.
#pragma once

#include "csrc/tensorflow/pass_op.h"

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
    ::tensorflow::TensorShape shape = packed.shape();
    OP_REQUIRES_OK(context, CheckPacked(shape));
    const std::size_t length = shape.dim_size(shape.dims() - 1) / 2, element = SizeOf(DTypeOf(packed));
    shape.set_dim(shape.dims() - 1, length);
    Arguments arguments = {};
    OP_REQUIRES_OK(context, ReadNumber(context, function_, &arguments));
    arguments.rows.length = length;
    for (int i = 0; i < unpacked; ++i) {
      const ::tensorflow::Tensor& input = context->input(first + i);
      OP_REQUIRES_OK(context, CheckShape(facts.input_names[i], input.shape(), "a half of packed", shape));
      arguments.in[i] = input.data();
      arguments.rows.in_pitches[i] = length;
    }
    const bool gives_packed = facts.outputs == 2;
    const ::tensorflow::TensorShape& out_shape = gives_packed ? packed.shape() : shape;
    ::tensorflow::Tensor* out = nullptr;
    if (!gives_packed || !context->forward_input_to_output_with_shape(first + unpacked, 0, out_shape, &out)) {
      OP_REQUIRES_OK(context, Device::Allocate(context, 0, packed.dtype(), out_shape, &out));
    }
    for (int half = 0; half < 2; ++half) {
      arguments.in[unpacked + half] = static_cast<const char*>(packed.data()) + half * length * element;
      arguments.rows.in_pitches[unpacked + half] = 2 * length;
    }
    for (int half = 0; half < facts.outputs; ++half) {
      arguments.out[half] = static_cast<char*>(out->data()) + half * length * element;
      arguments.rows.out_pitches[half] = gives_packed ? 2 * length : length;
    }
    Device::Run(context, function_.activation, function_.pass, DTypeOf(packed), arguments, shape.num_elements());
  }

 private:
  const Function function_;
};

}  // namespace tfcustomact
