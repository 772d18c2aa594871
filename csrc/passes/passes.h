// The passes over arrays, written once for the CPU, for CUDA and for XLA. A pass says what it takes and gives, and
// computes the elements with one index. TensorFlow's ops, their kernels and lowerings, and the functions on NumPy and
// device arrays follow from it.
//
//   kOp, kFunction        what follows the activation's name in the name of TensorFlow's op, and of a function
//   kInputs, kOutputs     the names of the arrays
//   kX                    which input the activation is applied to
//   kOrder                the highest derivative that is asked for
//   kRow                  what is one number per channel: the activation's parameter; a bias, which is added to x
//                         before anything else, in the type that elements are computed in; or nothing
//   kHasSum               whether there is one more output, the gradient of the row: of each channel a sum over all its
//                         elements
//   kPackedOp             what takes the place of kOp where the last two inputs, and the last two outputs if there are
//                         two, are the halves of one array's rows; null if there is no such op
//   Call(f, in, out)      computes `out`, of which the sum's terms are the last, from `in`; f.Value(x),
//                         f.Derivative(x), f.SecondDerivative(x) and f.ByParameter(x) are the activation with its
//                         parameter
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/passes/facts.h"
#include "csrc/passes/kinds.h"

namespace tfcustomact::passes {

// What most passes take and give.
struct OverArrays {
  static constexpr Row kRow = Row::kNone;
  static constexpr bool kHasSum = false;
  static constexpr const char* kPackedOp = nullptr;
};

// y = f(x)
struct Value : OverArrays {
  static constexpr const char* kOp = "";
  static constexpr const char* kFunction = "";
  static constexpr const char* kInputs[] = {"x"};
  static constexpr const char* kOutputs[] = {"y"};
  static constexpr int kX = 0;
  static constexpr Order kOrder = Order::kValue;

  template <class F, class Inputs, class Number>
  static TFCUSTOMACT_FUNCTION void Call(const F& f, const Inputs& in, Number (&out)[1]) {
    out[0] = f.Value(in[0]);
  }
};

// dx = dy * f'(x)
struct Gradient : OverArrays {
  static constexpr const char* kOp = "Grad";
  static constexpr const char* kFunction = "_grad";
  static constexpr const char* kInputs[] = {"dy", "x"};
  static constexpr const char* kOutputs[] = {"dx"};
  static constexpr int kX = 1;
  static constexpr Order kOrder = Order::kDerivative;

  template <class F, class Inputs, class Number>
  static TFCUSTOMACT_FUNCTION void Call(const F& f, const Inputs& in, Number (&out)[1]) {
    const Number derivative = f.Derivative(in[1]);
    out[0] = in[0] * derivative;
  }
};

// dx = dy * f''(x)
struct SecondGradient : OverArrays {
  static constexpr const char* kOp = "GradGrad";
  static constexpr const char* kFunction = "_grad_grad";
  static constexpr const char* kInputs[] = {"dy", "x"};
  static constexpr const char* kOutputs[] = {"dx"};
  static constexpr int kX = 1;
  static constexpr Order kOrder = Order::kSecondDerivative;

  template <class F, class Inputs, class Number>
  static TFCUSTOMACT_FUNCTION void Call(const F& f, const Inputs& in, Number (&out)[1]) {
    const Number derivative = f.SecondDerivative(in[1]);
    out[0] = in[0] * derivative;
  }
};

// y = f(x) with a parameter for each channel.
struct TensorValue : Value {
  static constexpr const char* kOp = "Tensor";
  static constexpr const char* kFunction = "_tensor";
  static constexpr Row kRow = Row::kParameter;
};

// dx = dy * f'(x), and for each channel the sum of dy * df/dparameter.
struct TensorGradient : OverArrays {
  static constexpr const char* kOp = "TensorGrad";
  static constexpr const char* kFunction = "_tensor_grad";
  static constexpr const char* kInputs[] = {"dy", "x"};
  static constexpr const char* kOutputs[] = {"dx"};
  static constexpr int kX = 1;
  static constexpr Order kOrder = Order::kDerivative;
  static constexpr Row kRow = Row::kParameter;
  static constexpr bool kHasSum = true;

  template <class F, class Inputs, class Number>
  static TFCUSTOMACT_FUNCTION void Call(const F& f, const Inputs& in, Number (&out)[2]) {
    const Number dy = in[0], x = in[1], derivative = f.Derivative(x), by_parameter = f.ByParameter(x);
    out[0] = dy * derivative;
    out[1] = dy * by_parameter;
  }
};

// y = f(x + bias)
struct BiasedValue : Value {
  static constexpr const char* kOp = "Biased";
  static constexpr const char* kFunction = "_biased";
  static constexpr Row kRow = Row::kBias;
};

// dx = dy * f'(x + bias), and for each channel the sum of that.
struct BiasedGradient : OverArrays {
  static constexpr const char* kOp = "BiasedGrad";
  static constexpr const char* kFunction = "_biased_grad";
  static constexpr const char* kInputs[] = {"dy", "x"};
  static constexpr const char* kOutputs[] = {"dx"};
  static constexpr int kX = 1;
  static constexpr Order kOrder = Order::kDerivative;
  static constexpr Row kRow = Row::kBias;
  static constexpr bool kHasSum = true;

  template <class F, class Inputs, class Number>
  static TFCUSTOMACT_FUNCTION void Call(const F& f, const Inputs& in, Number (&out)[2]) {
    const Number derivative = f.Derivative(in[1]);
    out[0] = in[0] * derivative;
    out[1] = out[0];
  }
};

// y = f(gate) * up
struct GatedValue : OverArrays {
  static constexpr const char* kOp = "Gated";
  static constexpr const char* kFunction = "_gated";
  static constexpr const char* kInputs[] = {"gate", "up"};
  static constexpr const char* kOutputs[] = {"y"};
  static constexpr int kX = 0;
  static constexpr Order kOrder = Order::kValue;
  static constexpr const char* kPackedOp = "Packed";

  template <class F, class Inputs, class Number>
  static TFCUSTOMACT_FUNCTION void Call(const F& f, const Inputs& in, Number (&out)[1]) {
    const Number value = f.Value(in[0]);
    out[0] = value * in[1];
  }
};

// dgate = dy * up * f'(gate), dup = dy * f(gate)
struct GatedGradient : OverArrays {
  static constexpr const char* kOp = "GatedGrad";
  static constexpr const char* kFunction = "_gated_grad";
  static constexpr const char* kInputs[] = {"dy", "gate", "up"};
  static constexpr const char* kOutputs[] = {"dgate", "dup"};
  static constexpr int kX = 1;
  static constexpr Order kOrder = Order::kDerivative;
  static constexpr const char* kPackedOp = "PackedGrad";

  template <class F, class Inputs, class Number>
  static TFCUSTOMACT_FUNCTION void Call(const F& f, const Inputs& in, Number (&out)[2]) {
    const Number gate = in[1], derivative = f.Derivative(gate), value = f.Value(gate), dy = in[0];
    out[0] = dy * (in[2] * derivative);
    out[1] = dy * value;
  }
};

// y = f(gate) * up with a parameter for each channel.
struct GatedTensorValue : GatedValue {
  static constexpr const char* kOp = "GatedTensor";
  static constexpr const char* kFunction = "_gated_tensor";
  static constexpr Row kRow = Row::kParameter;
  static constexpr const char* kPackedOp = "PackedTensor";
};

// dgate = dy * up * f'(gate), dup = dy * f(gate), and for each channel the sum of dy * up * df/dparameter.
struct GatedTensorGradient : GatedGradient {
  static constexpr const char* kOp = "GatedTensorGrad";
  static constexpr const char* kFunction = "_gated_tensor_grad";
  static constexpr Row kRow = Row::kParameter;
  static constexpr bool kHasSum = true;
  static constexpr const char* kPackedOp = "PackedTensorGrad";

  template <class F, class Inputs, class Number>
  static TFCUSTOMACT_FUNCTION void Call(const F& f, const Inputs& in, Number (&out)[3]) {
    const Number gate = in[1], derivative = f.Derivative(gate), by_parameter = f.ByParameter(gate);
    const Number value = f.Value(gate), dy = in[0], up = in[2];
    out[0] = dy * (up * derivative);
    out[1] = dy * value;
    out[2] = dy * (up * by_parameter);
  }
};

// The number of arrays, and of the numbers that Call gives.
template <class Pass>
inline constexpr int kInputsOf = sizeof(Pass::kInputs) / sizeof(*Pass::kInputs);
template <class Pass>
inline constexpr int kOutputsOf = sizeof(Pass::kOutputs) / sizeof(*Pass::kOutputs);
template <class Pass>
inline constexpr int kResultsOf = kOutputsOf<Pass> + (Pass::kHasSum ? 1 : 0);

// Whether the arrays may consist of rows: with numbers of their own, or that do not follow each other.
template <class Pass>
inline constexpr bool kHasRows = Pass::kRow != Row::kNone || Pass::kPackedOp != nullptr;

// Whether there is such a pass of an activation.
template <class Activation, class Pass>
inline constexpr bool kIsPassOf = Pass::kRow != Row::kParameter || Activation::kParameter != Parameter::kNone;

}  // namespace tfcustomact::passes

namespace tfcustomact {

constexpr int MaxOf(const int (&numbers)[kPasses]) {
  int max = 0;
  for (const int number : numbers) max = number > max ? number : max;
  return max;
}
#define TFCUSTOMACT_INPUTS(Name) passes::kInputsOf<passes::Name>,
#define TFCUSTOMACT_OUTPUTS(Name) passes::kOutputsOf<passes::Name>,
// The max number of arrays that a pass takes, and that it gives.
inline constexpr int kMaxInputs = MaxOf({TFCUSTOMACT_PASSES(TFCUSTOMACT_INPUTS)});
inline constexpr int kMaxOutputs = MaxOf({TFCUSTOMACT_PASSES(TFCUSTOMACT_OUTPUTS)});
#undef TFCUSTOMACT_INPUTS
#undef TFCUSTOMACT_OUTPUTS

// The max number of elements of a row on the CPU: its numbers, what is computed of them and its sums are on the stack.
inline constexpr std::size_t kMaxRow = 2048;

// How arrays consist of rows, counted in elements. Each array begins with the first element of a row.
struct Rows {
  // For CPU kernels of passes with a row from 1 to kMaxRow; in others 0 if each array is one row.
  std::size_t length;
  // From the beginning of one row to that of the next.
  std::size_t in_pitches[kMaxInputs], out_pitches[kMaxOutputs];
  // For each element of a row its parameter or bias, as float64 for float64 elements and as float32 for all others.
  const void* row;
  // For each element of a row where the sum's terms are added. For float64 elements the rounding errors of these
  // additions are added to `errors`.
  double *sums, *errors;
  // Whether the precise number models compute everything: in a sum of few terms, their errors do not average out.
  bool is_precise;
};

// The arrays and numbers of one call of a pass. Elements with the same index belong together.
struct Arguments {
  const void* in[kMaxInputs];
  void* out[kMaxOutputs];
  double parameter;
  Rows rows;
};

// One call of a pass with a row. `row` holds one number per channel, and the sum over each channel, if the pass has
// one, is written to `row_gradient`; both are C-contiguous and of the type `row_dtype`, which is `dtype`, or float32
// beside narrower types. Of arguments.rows only the length and the pitches are used: if the length is not 0, it is that
// of the arrays' last axis.
struct ChannelCall {
  Activation activation;
  Pass pass;
  DType dtype;
  Arguments arguments;
  const void* row;
  DType row_dtype;
  void* row_gradient;
};

// What is known of a pass at run time.
struct PassFacts {
  const char* op;
  const char* function;
  // Null if there is no such op.
  const char* packed_op;
  const char *const *input_names, *const *output_names;
  int inputs, outputs, x;
  Row row;
  bool has_sum;
};

constexpr PassFacts FactsOf(Pass pass) {
#define TFCUSTOMACT_FACTS(Name)               \
  case Pass::k##Name:                         \
    return {passes::Name::kOp,                \
            passes::Name::kFunction,          \
            passes::Name::kPackedOp,          \
            passes::Name::kInputs,            \
            passes::Name::kOutputs,           \
            passes::kInputsOf<passes::Name>,  \
            passes::kOutputsOf<passes::Name>, \
            passes::Name::kX,                 \
            passes::Name::kRow,               \
            passes::Name::kHasSum};
  switch (pass) { TFCUSTOMACT_PASSES(TFCUSTOMACT_FACTS) }
#undef TFCUSTOMACT_FACTS
  return {};
}

}  // namespace tfcustomact
