// What an activation states besides its formula, and what the kernels' tests compare it with. It includes no standard
// header with code in it, so that csrc/cpu/loops.cc can.
#pragma once

#include "csrc/passes/kinds.h"

namespace tfcustomact {

// What the parameter is to the formula. Where it is a factor of x, a parameter of 1 makes a product without rounding
// error, for which there are kernels of their own; where there is no parameter, there are only these.
enum class Parameter { kNone, kFactorOfX, kOther };

// What arithmetic a formula needs: csrc/cpu/models.h and csrc/cuda/elements.h choose number models by it. What uses an
// exponential needs more precise numbers in the tails, and where there is no fused multiply-add.
struct ExponentialArithmetic {};

// The largest errors, in ULP, of the value and the derivative: of float32 lanes, for the default parameter and all 2^32
// inputs, and of float64 lanes, for parameters of every size, both with fused multiply-add; and of DoubleDouble.
struct LargestErrors {
  double of_float32[2], of_float64[2], of_double_double[2];
};

// The value and the derivatives at one point.
template <class Real>
struct Exact {
  Real value, derivative, second_derivative;
};

}  // namespace tfcustomact
