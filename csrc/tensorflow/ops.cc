// The schemas of the TensorFlow ops: one for each pass of every activation, and one more where two arrays may be packed
// into one. registration.h says in which order inputs and outputs come; see tfcustomact/backends/native.py for their
// use.
#include <string>

#include "csrc/tensorflow/registration.h"
#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/shape_inference.h"

namespace tfcustomact {
namespace {

using ::tensorflow::register_op::OpDefBuilderWrapper;
using ::tensorflow::shape_inference::DimensionHandle;
using ::tensorflow::shape_inference::InferenceContext;
using ::tensorflow::shape_inference::ShapeHandle;

constexpr char kDTypes[] = ": {half, bfloat16, float, double}";

absl::Status CheckNumber(const Function& function, InferenceContext* context) {
  ShapeHandle scalar;
  return function.HasNumber() ? context->WithRank(context->input(0), 0, &scalar) : absl::OkStatus();
}

// All arrays have one shape. The gradient of the row has the row's shape.
absl::Status Shape(const Function& function, InferenceContext* context) {
  TF_RETURN_IF_ERROR(CheckNumber(function, context));
  const PassFacts& facts = function.facts;
  const int first = function.FirstArray();
  ShapeHandle shape = context->input(first);
  for (int i = first + 1; i < first + facts.inputs; ++i) {
    TF_RETURN_IF_ERROR(context->Merge(shape, context->input(i), &shape));
  }
  for (int i = 0; i < facts.outputs; ++i) context->set_output(i, shape);
  if (facts.row == Row::kNone) return absl::OkStatus();
  ShapeHandle row = context->input(function.RowInput());
  if (facts.row == Row::kBias) TF_RETURN_IF_ERROR(context->WithRank(row, 1, &row));
  if (facts.has_sum) context->set_output(facts.outputs, row);
  return absl::OkStatus();
}

// The last axis of a packed array is twice that of the others.
absl::Status PackedShape(const Function& function, InferenceContext* context) {
  TF_RETURN_IF_ERROR(CheckNumber(function, context));
  const int last = context->num_inputs() - 1;
  ShapeHandle packed, half;
  DimensionHandle length;
  TF_RETURN_IF_ERROR(context->WithRankAtLeast(context->input(last), 1, &packed));
  TF_RETURN_IF_ERROR(context->Divide(context->Dim(packed, -1), 2, /*evenly_divisible=*/true, &length));
  TF_RETURN_IF_ERROR(context->ReplaceDim(packed, -1, length, &half));
  for (int i = function.FirstArray(); i < last; ++i) {
    TF_RETURN_IF_ERROR(context->Merge(half, context->input(i), &half));
  }
  context->set_output(0, function.facts.outputs == 2 ? packed : half);
  if (function.facts.has_sum) context->set_output(1, context->input(function.RowInput()));
  return absl::OkStatus();
}

void Register(const Function& function, bool is_packed) {
  const PassFacts& facts = function.facts;
  const bool has_tensor = facts.row == Row::kParameter;
  OpDefBuilderWrapper op(function.OpName(is_packed ? facts.packed_op : facts.op).c_str());
  if (function.parameter_name != nullptr)
    op.Input(std::string(function.parameter_name) + (has_tensor ? ": P" : ": double"));
  for (int i = 0; i < facts.inputs - (is_packed ? 2 : 0); ++i) op.Input(std::string(facts.input_names[i]) + ": T");
  if (is_packed) op.Input("packed: T");
  if (facts.row == Row::kBias) op.Input("bias: T");
  if (is_packed && facts.outputs == 2) {
    op.Output("dpacked: T");
  } else {
    for (int i = 0; i < facts.outputs; ++i) op.Output(std::string(facts.output_names[i]) + ": T");
  }
  if (facts.has_sum) op.Output(std::string("d") + function.RowName() + (has_tensor ? ": P" : ": T"));
  op.Attr(std::string("T") + kDTypes);
  if (has_tensor) op.Attr(std::string("P") + kDTypes);
  op.SetShapeFn(
      [=](InferenceContext* context) { return is_packed ? PackedShape(function, context) : Shape(function, context); });
  op();
}

const bool registered = [] {
  for (const Function& function : EveryFunction()) {
    Register(function, /*is_packed=*/false);
    if (function.facts.packed_op != nullptr) Register(function, /*is_packed=*/true);
  }
  return true;
}();

}  // namespace
}  // namespace tfcustomact
