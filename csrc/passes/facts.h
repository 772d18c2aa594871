// What an activation states besides its formula, and what the kernels' tests compare it with. It includes no standard
// header with code in it, so that csrc/cpu/loops.cc can.
#pragma once

#include "csrc/passes/kinds.h"

namespace tfcustomact {

// An activation is a class with these members:
//
//   kParameterName          what its parameter is called, or null
//   kParameter              see Parameter
//   Arithmetic              see ExponentialArithmetic
//   Formula<Math>           over a number model (contracts.h): Value(x, c), Derivative(x, c) and
//                           SecondDerivative(x, c), where c is the parameter, 1 if there is none; ByParameter(x, c),
//                           the derivative with respect to the parameter, if there is one; ValueReach(c) and
//                           DerivativeReach(c), the reach of the formula, which is the largest |x| for which a fast
//                           model computes it, the second no larger than the first; and kDerivativeIsOfTail,
//                           whether DerivativeOf(tail) gives the derivative of the model's Tail alone, and
//                           ByParameterOf(tail, x) the one with respect to the parameter. Where the parameter is a
//                           factor of x, the reach is inversely proportional to its size, and elsewhere it does not
//                           depend on it.
//   kLargestErrors          see LargestErrors
//   UlpFloor(order, t)      0, or near a root of a derivative the size of the numbers in whose ULPs errors are counted;
//                           t is x, times the parameter where that is a factor of x
//   Definition(x, c)        the value and derivatives by the definition, in a more precise type that has arithmetic,
//                           comparisons, Abs, CopySign, Erfc, Exp, Expm1, Fma, IsInf and Log1p
//                           (tests/kernels/definitions.h)

// What the parameter is to the formula. Where it is a factor of x, a parameter of 1 makes a product without rounding
// error, for which there are kernels of their own; without a parameter only these are compiled. A divisor of x has to
// be positive.
enum class Parameter { kNone, kFactorOfX, kDivisorOfX, kOther };

// What arithmetic a formula needs: csrc/cpu/models.h and csrc/cuda/elements.h choose number models by it. A formula
// with an exponential needs a more precise model beyond its reach, and where there is no fused multiply-add.
struct ExponentialArithmetic {};

// The largest errors, in ULP, of the value and the derivative: of float32 lanes, for the default parameter and all 2^32
// inputs, and of float64 lanes, for parameters of every size, both with fused multiply-add; and of DoubleDouble.
struct LargestErrors {
  double of_float32[2], of_float64[2], of_double_double[2];
};

// The reach of a formula whose derivative of this order is computed.
template <class Formula>
constexpr double ReachOf(Order order, double parameter) {
  return order == Order::kValue ? Formula::ValueReach(parameter) : Formula::DerivativeReach(parameter);
}

// The value and the derivatives at one point, the last with respect to the parameter (0 if there is none).
template <class Real>
struct Exact {
  Real value, derivative, second_derivative, by_parameter = Real(0);
};

}  // namespace tfcustomact
