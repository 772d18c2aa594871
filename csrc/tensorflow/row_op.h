// The TensorFlow kernels of the ops with one number per channel, for any kind of device.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "csrc/passes/broadcast.h"
#include "csrc/tensorflow/pass_op.h"

namespace tfcustomact {

inline std::vector<std::int64_t> DimensionsOf(const ::tensorflow::TensorShape& shape) {
  std::vector<std::int64_t> dimensions;
  for (int axis = 0; axis < shape.dims(); ++axis) dimensions.push_back(shape.dim_size(axis));
  return dimensions;
}

// Runs a pass with a row over arrays of the shape `x`, which are given, and makes the row's gradient, the output that
// follows `outputs` others. The row is a parameter that broadcasts to x, or a bias along x's last axis.
//
// Device::RunByChannels(context, call, runs, size) runs the kernel; `runs` is how the row lies beside x.
template <class Device>
void RunByChannels(::tensorflow::OpKernelContext* context, const Function& function, const ::tensorflow::TensorShape& x,
                   const Arguments& arguments, int outputs) {
  const PassFacts& facts = function.facts;
  const ::tensorflow::Tensor& row = context->input(function.RowInput());
  const std::vector<std::int64_t> x_axes = DimensionsOf(x), row_axes = DimensionsOf(row.shape());
  const auto runs = AxisRuns(x_axes.data(), x_axes.size(), row_axes.data(), row_axes.size());
  const bool is_bias = facts.row == Row::kBias;
  const bool fits = !is_bias || (!x_axes.empty() && row_axes == std::vector<std::int64_t>{x_axes.back()});
  OP_REQUIRES(
      context, fits && runs.has_value(),
      absl::InvalidArgumentError(absl::StrCat(
          function.RowName(), " has shape ", row.shape().DebugString(), " and ", facts.input_names[facts.x],
          " has shape ", x.DebugString(),
          is_bias ? ": the length of its last axis is accepted" : ": a shape that broadcasts to it is accepted")));
  ::tensorflow::Tensor* gradient = nullptr;
  if (facts.has_sum) OP_REQUIRES_OK(context, context->allocate_output(outputs, row.shape(), &gradient));
  const ChannelCall call = {
      function.activation, function.pass, DTypeOf(context->input(function.FirstArray())),  arguments,
      row.data(),          DTypeOf(row),  gradient == nullptr ? nullptr : gradient->data()};
  Device::RunByChannels(context, call, *runs, x.num_elements());
}

// All arrays have one shape.
template <class Device>
class RowOp : public ::tensorflow::OpKernel {
 public:
  RowOp(::tensorflow::OpKernelConstruction* context, const Function& function)
      : OpKernel(context), function_(function) {}

  void Compute(::tensorflow::OpKernelContext* context) override {
    const PassFacts& facts = function_.facts;
    const ::tensorflow::TensorShape x = context->input(function_.FirstArray() + facts.x).shape();
    Arguments arguments = {};
    OP_REQUIRES_OK(context, ReadNumber(context, function_, &arguments));
    OP_REQUIRES_OK(context, SetArrays<Device>(context, function_, &arguments));
    RunByChannels<Device>(context, function_, x, arguments, facts.outputs);
  }

 private:
  const Function function_;
};

}  // namespace tfcustomact
