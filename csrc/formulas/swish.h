// Swish (SiLU for beta = 1): swish(x) = x * sigmoid(beta * x).
// Ramachandran, Zoph, Le: "Searching for Activation Functions", 2017, arXiv:1710.05941;
// Elfwing, Uchibe, Doya: "Sigmoid-Weighted Linear Units", 2017, arXiv:1702.03118.
//
// Special values: swish(+-0) = +-0, swish(+inf) = +inf, swish(-inf) = -0, and the same limits for the derivatives:
// swish'(+inf) = 1, swish'(-inf) = 0, swish''(+-inf) = 0 (for beta > 0; mirrored for beta < 0). NaN gives NaN.
#pragma once

#include <cmath>

#include "csrc/formulas/macros.h"

namespace tfcustomact {

// `Math` is a number model: it says how numbers are represented and how sigmoid is reached without losing a tail.
// Argument() is beta * x, Complement() is 1 - sigmoid(beta * x), Times(y) is y * sigmoid(beta * x).
template <class Math>
struct Swish {
  using Number = typename Math::Number;
  using Input = typename Math::Input;
  using Coefficient = typename Math::Coefficient;

  // The largest |x| for which no exponential of more than `longest` is needed.
  static double ValueReach(double longest, double beta) { return longest / std::abs(beta); }
  static double SlopeReach(double longest, double beta) { return longest / std::abs(beta); }

  TFCUSTOMACT_FUNCTION static Number Value(const Input& x, const Coefficient& beta) {
    return typename Math::Logistic(beta, x).Times(x);
  }

  TFCUSTOMACT_FUNCTION static Number Slope(const Input& x, const Coefficient& beta) {
    const typename Math::Logistic sigmoid(beta, x);
    return sigmoid.Times(Math::MulAdd(sigmoid.Argument(), sigmoid.Complement(), Math::Constant(1)));
  }

  TFCUSTOMACT_FUNCTION static Number Curvature(const Input& x, const Coefficient& beta) {
    const typename Math::Logistic sigmoid(beta, x);
    const Number complement = sigmoid.Complement();
    const Number bend = complement - sigmoid.Times(Math::Constant(1));
    return Math::Scale(beta, sigmoid.Times(complement * Math::MulAdd(sigmoid.Argument(), bend, Math::Constant(2))));
  }
};

}  // namespace tfcustomact
