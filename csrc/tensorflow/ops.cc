// The schemas of the TensorFlow ops: one for each pass of every activation. The parameter is the first input, if there
// is one: see tfcustomact/backends/native.py.
#include <string>

#include "csrc/tensorflow/registration.h"
#include "tensorflow/core/framework/common_shape_fns.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/shape_inference.h"

namespace tfcustomact {
namespace {

using ::tensorflow::shape_inference::InferenceContext;
using ::tensorflow::shape_inference::ShapeHandle;

// All arrays have one shape.
template <int kParameters>
absl::Status Shape(InferenceContext* context) {
  ShapeHandle parameter, shape = context->input(kParameters);
  if (kParameters == 1) TF_RETURN_IF_ERROR(context->WithRank(context->input(0), 0, &parameter));
  for (int i = kParameters + 1; i < context->num_inputs(); ++i) {
    TF_RETURN_IF_ERROR(context->Merge(shape, context->input(i), &shape));
  }
  for (int i = 0; i < context->num_outputs(); ++i) context->set_output(i, shape);
  return absl::OkStatus();
}

struct Register {
  template <class AnActivation, Activation, class APass, Pass>
  static void OfPass(const char* activation) {
    ::tensorflow::register_op::OpDefBuilderWrapper op(OpName<APass>(activation).c_str());
    if (kParametersOf<AnActivation> == 1) op.Input(std::string(AnActivation::kParameterName) + ": double");
    for (const char* name : APass::kInputs) op.Input(std::string(name) + ": T");
    for (const char* name : APass::kOutputs) op.Output(std::string(name) + ": T");
    op.Attr("T: {half, bfloat16, float, double}").SetShapeFn(Shape<kParametersOf<AnActivation>>);
    op();
  }
};

const ForEveryPass<Register> registered;

}  // namespace
}  // namespace tfcustomact
