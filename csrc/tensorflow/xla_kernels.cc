// The XLA lowering of every op, so that they work, and fuse with their neighbours, inside jit_compile=True.
#include <algorithm>
#include <iterator>
#include <vector>

#include "csrc/passes/applied.h"
#include "csrc/passes/contracts.h"
#include "csrc/passes/passes.h"
#include "csrc/tensorflow/hlo_math.h"
#include "csrc/tensorflow/registration.h"
#include "tensorflow/compiler/tf2xla/lib/broadcast.h"
#include "tensorflow/compiler/tf2xla/type_util.h"
#include "tensorflow/compiler/tf2xla/xla_op_kernel.h"
#include "tensorflow/compiler/tf2xla/xla_op_registry.h"
#include "xla/hlo/builder/lib/arithmetic.h"
#include "xla/hlo/builder/lib/constants.h"
#include "xla/hlo/builder/lib/slicing.h"

namespace tfcustomact {
namespace {

static_assert(kIsNumberModel<HloMath, HloNumber>);

using tensorflow::XlaOpKernelContext;

// Computes `out` from `in`, as the pass says.
using Formula = void (*)(const HloMath::Coefficient& parameter, const HloNumber* in, HloNumber* out);

template <class AnActivation, class APass>
void Compute(const HloMath::Coefficient& parameter, const HloNumber* in, HloNumber* out) {
  HloNumber results[passes::kResultsOf<APass>];
  APass::Call(Applied<AnActivation, HloMath>(parameter), in, results);
  std::copy(std::begin(results), std::end(results), out);
}

template <class AnActivation, class APass>
constexpr Formula FormulaFor() {
  if constexpr (passes::kIsPassOf<AnActivation, APass>) return Compute<AnActivation, APass>;
  return nullptr;
}

template <class AnActivation>
Formula FormulaFor(Pass pass) {
#define TFCUSTOMACT_FORMULA(Name) FormulaFor<AnActivation, passes::Name>(),
  static constexpr Formula kFormulas[] = {TFCUSTOMACT_PASSES(TFCUSTOMACT_FORMULA)};
#undef TFCUSTOMACT_FORMULA
  return kFormulas[static_cast<int>(pass)];
}

Formula FormulaFor(const Function& function) {
#define TFCUSTOMACT_FORMULA(Name, name) &FormulaFor<Name>,
  static constexpr Formula (*kFormulas[])(Pass) = {TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_FORMULA)};
#undef TFCUSTOMACT_FORMULA
  return kFormulas[static_cast<int>(function.activation)](function.pass);
}

class Lowering : public tensorflow::XlaOpKernel {
 public:
  Lowering(tensorflow::OpKernelConstruction* context, const Function& function)
      : XlaOpKernel(context), function_(function) {}

 protected:
  // Halves are computed in float32.
  static xla::PrimitiveType ComputedType(xla::PrimitiveType type) { return type == xla::F64 ? xla::F64 : xla::F32; }

  static xla::XlaOp Input(XlaOpKernelContext* context, int i, xla::PrimitiveType type) {
    return xla::ConvertElementType(context->Input(i), type);
  }

  // The activation's number. It may also be known at run time only: that is no error, only slower.
  HloMath::Coefficient Number(XlaOpKernelContext* context, xla::PrimitiveType type) const {
    if (!function_.HasNumber()) return {xla::One(context->builder(), type), true};
    xla::Literal literal;
    const bool is_one = context->ConstantInput(0, &literal).ok() && literal.Get<double>({}) == 1.0;
    return {Input(context, 0, type), is_one};
  }

  // The row beside arrays of the shape `x`.
  absl::StatusOr<xla::XlaOp> RowBeside(XlaOpKernelContext* context, xla::PrimitiveType type,
                                       const tensorflow::TensorShape& x) const {
    return tensorflow::BroadcastTo(Input(context, function_.RowInput(), type), x.dim_sizes());
  }

  // The activation's parameter beside arrays of the shape `x`.
  absl::StatusOr<HloMath::Coefficient> ParameterBeside(XlaOpKernelContext* context, xla::PrimitiveType type,
                                                       const tensorflow::TensorShape& x) const {
    if (function_.facts.row != Row::kParameter) return Number(context, type);
    TF_ASSIGN_OR_RETURN(const xla::XlaOp row, RowBeside(context, type, x));
    return HloMath::Coefficient{row, false};
  }

  // Sets the output number `i` to the row's gradient, the sums of the terms over the axes along which the row is
  // broadcast.
  void SetRowGradient(XlaOpKernelContext* context, int i, xla::XlaOp terms, xla::PrimitiveType type,
                      const tensorflow::TensorShape& x) const {
    const tensorflow::TensorShape row = context->InputShape(function_.RowInput());
    std::vector<int64_t> axes;
    const int missing = x.dims() - row.dims();
    for (int axis = 0; axis < x.dims(); ++axis) {
      if (axis < missing || row.dim_size(axis - missing) == 1) axes.push_back(axis);
    }
    xla::XlaBuilder* const builder = context->builder();
    const xla::XlaComputation add = xla::CreateScalarAddComputation(type, builder);
    const xla::XlaOp sums = xla::Reshape(xla::Reduce(terms, xla::Zero(builder, type), add, axes), row.dim_sizes());
    context->SetOutput(i, xla::ConvertElementType(sums, context->input_xla_type(function_.RowInput())));
  }

  const Function function_;
};

// All arrays have one shape.
class PassLowering : public Lowering {
 public:
  using Lowering::Lowering;

  void Compile(XlaOpKernelContext* context) override {
    const PassFacts& facts = function_.facts;
    const int first = function_.FirstArray();
    const xla::PrimitiveType type = context->input_xla_type(first), computed = ComputedType(type);
    HloNumber in[kMaxInputs], out[kMaxOutputs + 1];
    for (int i = 0; i < facts.inputs; ++i) in[i] = Input(context, first + i, computed);
    const tensorflow::TensorShape x = context->InputShape(first + facts.x);
    for (int i = 0; i < facts.inputs; ++i) {
      // HLO would broadcast one to the other.
      const tensorflow::TensorShape shape = context->InputShape(first + i);
      OP_REQUIRES(context, shape == x,
                  absl::InvalidArgumentError(absl::StrCat(facts.input_names[i], " has shape ", shape.DebugString(),
                                                          ": that of ", facts.input_names[facts.x], ", ",
                                                          x.DebugString(), ", is accepted")));
    }
    const auto parameter = ParameterBeside(context, computed, x);
    OP_REQUIRES_OK(context, parameter.status());
    if (facts.row == Row::kBias) {
      const auto bias = RowBeside(context, computed, x);
      OP_REQUIRES_OK(context, bias.status());
      in[facts.x] = in[facts.x] + HloNumber(*bias);
    }
    FormulaFor(function_)(*parameter, in, out);
    for (int i = 0; i < facts.outputs; ++i) context->SetOutput(i, xla::ConvertElementType(out[i].op(), type));
    if (facts.has_sum) SetRowGradient(context, facts.outputs, out[facts.outputs].op(), computed, x);
  }
};

// The halves of the last input's last axis, and of the gradient's, are the last arrays of the pass.
class PackedLowering : public Lowering {
 public:
  using Lowering::Lowering;

  void Compile(XlaOpKernelContext* context) override {
    const PassFacts& facts = function_.facts;
    const int first = function_.FirstArray(), whole = facts.inputs - 2;
    const xla::PrimitiveType type = context->input_xla_type(first), computed = ComputedType(type);
    HloNumber in[kMaxInputs], out[kMaxOutputs + 1];
    for (int i = 0; i < whole; ++i) in[i] = Input(context, first + i, computed);
    const xla::XlaOp packed = Input(context, first + whole, computed);
    tensorflow::TensorShape shape = context->InputShape(first + whole);
    const int axis = shape.dims() - 1;
    OP_REQUIRES(context, axis >= 0 && shape.dim_size(axis) % 2 == 0,
                absl::InvalidArgumentError(absl::StrCat("packed has shape ", shape.DebugString(),
                                                        ": one whose last axis has an even length is accepted")));
    const int64_t length = shape.dim_size(axis) / 2;
    for (int half = 0; half < 2; ++half) {
      in[whole + half] = xla::SliceInDim(packed, half * length, (half + 1) * length, 1, axis);
    }
    shape.set_dim(axis, length);
    const auto parameter = ParameterBeside(context, computed, shape);
    OP_REQUIRES_OK(context, parameter.status());
    FormulaFor(function_)(*parameter, in, out);
    xla::XlaOp result = out[0].op();
    if (facts.outputs == 2) result = xla::ConcatInDim(context->builder(), {result, out[1].op()}, axis);
    context->SetOutput(0, xla::ConvertElementType(result, type));
    if (facts.has_sum) SetRowGradient(context, 1, out[facts.outputs].op(), computed, shape);
  }
};

template <class ALowering>
void Register(const Function& function, const char* pass) {
  // REGISTER_XLA_OP fails in a process where XLA has compiled something before this library is loaded: XLA collects its
  // ops once. Kernels of its devices, registered one by one, are found at any time.
  for (const char* device : {tensorflow::DEVICE_CPU_XLA_JIT, tensorflow::DEVICE_GPU_XLA_JIT}) {
    ::tensorflow::KernelDefBuilder builder(function.OpName(pass).c_str());
    RegisterKernel<ALowering>(builder.Device(device), function);
  }
}

const bool registered = [] {
  for (const Function& function : EveryFunction()) {
    Register<PassLowering>(function, function.facts.op);
    if (function.facts.packed_op != nullptr) Register<PackedLowering>(function, function.facts.packed_op);
  }
  return true;
}();

}  // namespace
}  // namespace tfcustomact
