// The schemas of the TensorFlow ops: value, gradient (dy * f'(x)) and the gradient's gradient (dy * f''(x)) of every
// activation in the list. The parameter is the first input: see tfcustomact/backends/native.py.
#include "csrc/formulas/list.h"
#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/shape_inference.h"

namespace tfcustomact {
namespace {

using ::tensorflow::shape_inference::InferenceContext;
using ::tensorflow::shape_inference::ShapeHandle;

absl::Status ValueShape(InferenceContext* context) {
  ShapeHandle parameter;
  TF_RETURN_IF_ERROR(context->WithRank(context->input(0), 0, &parameter));
  context->set_output(0, context->input(1));
  return absl::OkStatus();
}

absl::Status GradientShape(InferenceContext* context) {
  ShapeHandle merged, parameter;
  TF_RETURN_IF_ERROR(context->WithRank(context->input(0), 0, &parameter));
  TF_RETURN_IF_ERROR(context->Merge(context->input(1), context->input(2), &merged));
  context->set_output(0, merged);
  return absl::OkStatus();
}

}  // namespace

#define TFCUSTOMACT_GRADIENT_OP(op_name, parameter) \
  REGISTER_OP(op_name)                              \
      .Input(#parameter ": double")                 \
      .Input("dy: T")                               \
      .Input("x: T")                                \
      .Output("dx: T")                              \
      .Attr("T: {half, bfloat16, float, double}")   \
      .SetShapeFn(GradientShape);

#define TFCUSTOMACT_OPS(Formula, name, parameter)                   \
  REGISTER_OP("Tfcustomact" #Formula)                               \
      .Input(#parameter ": double")                                 \
      .Input("x: T")                                                \
      .Output("y: T")                                               \
      .Attr("T: {half, bfloat16, float, double}")                   \
      .SetShapeFn(ValueShape);                                      \
  TFCUSTOMACT_GRADIENT_OP("Tfcustomact" #Formula "Grad", parameter) \
  TFCUSTOMACT_GRADIENT_OP("Tfcustomact" #Formula "GradGrad", parameter)

TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_OPS)

}  // namespace tfcustomact
