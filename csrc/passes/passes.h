// The passes over arrays, written once for the CPU, for CUDA and for XLA. A pass says what arrays it takes and gives,
// and computes the elements with one index. TensorFlow's ops, their kernels and lowerings, and the
// functions on NumPy and device arrays follow from it.
//
//   kOp, kFunction        what follows the activation's name in the name of TensorFlow's op, and of a function
//   kInputs, kOutputs     the names of the arrays
//   kX                    which input the activation is applied to
//   kOrder                the highest derivative that is asked for
//   Call(f, in, out)      computes `out` from `in`; f.Value(x), f.Derivative(x) and f.SecondDerivative(x) are the
//                         activation with its parameter
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/passes/kinds.h"

namespace tfcustomact::passes {

// y = f(x)
struct Value {
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
struct Gradient {
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
struct SecondGradient {
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

// The number of arrays.
template <class Pass>
inline constexpr int kInputsOf = sizeof(Pass::kInputs) / sizeof(*Pass::kInputs);
template <class Pass>
inline constexpr int kOutputsOf = sizeof(Pass::kOutputs) / sizeof(*Pass::kOutputs);

}  // namespace tfcustomact::passes

namespace tfcustomact {

// The max number of arrays that a pass takes, and that it gives.
constexpr int MaxOf(const int (&numbers)[kPasses]) {
  int max = 0;
  for (const int number : numbers) max = number > max ? number : max;
  return max;
}
#define TFCUSTOMACT_INPUTS(Name) passes::kInputsOf<passes::Name>,
#define TFCUSTOMACT_OUTPUTS(Name) passes::kOutputsOf<passes::Name>,
inline constexpr int kMaxInputs = MaxOf({TFCUSTOMACT_PASSES(TFCUSTOMACT_INPUTS)});
inline constexpr int kMaxOutputs = MaxOf({TFCUSTOMACT_PASSES(TFCUSTOMACT_OUTPUTS)});
#undef TFCUSTOMACT_INPUTS
#undef TFCUSTOMACT_OUTPUTS

// The arrays and numbers of one call of a pass. Elements with the same index belong together.
struct Arguments {
  const void* in[kMaxInputs];
  void* out[kMaxOutputs];
  double parameter;
};

// What is known of a pass at run time.
struct PassFacts {
  const char* op;
  const char* function;
  const char* const* input_names;
  int inputs, outputs, x;
};

constexpr PassFacts FactsOf(Pass pass) {
#define TFCUSTOMACT_FACTS(Name)               \
  case Pass::k##Name:                         \
    return {passes::Name::kOp,                \
            passes::Name::kFunction,          \
            passes::Name::kInputs,            \
            passes::kInputsOf<passes::Name>,  \
            passes::kOutputsOf<passes::Name>, \
            passes::Name::kX};
  switch (pass) { TFCUSTOMACT_PASSES(TFCUSTOMACT_FACTS) }
#undef TFCUSTOMACT_FACTS
  return {};
}

}  // namespace tfcustomact
