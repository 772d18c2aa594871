// Swish (SiLU for beta = 1): swish(x) = x * sigmoid(beta * x).
// Ramachandran, Zoph, Le: "Searching for Activation Functions", 2017, arXiv:1710.05941;
// Elfwing, Uchibe, Doya: "Sigmoid-Weighted Linear Units", 2017, arXiv:1702.03118.
//
// Special values: swish(+-0) = +-0, swish(+inf) = +inf, swish(-inf) = -0, and the same limits for the derivatives:
// swish'(+inf) = 1, swish'(-inf) = 0, swish''(+-inf) = 0 (for beta > 0; mirrored for beta < 0). NaN gives NaN.
#pragma once

#include "csrc/formulas/macros.h"

namespace tfcustomact {

// `Math` is a number model: it says how numbers are represented and how an exponential is reached without losing a
// tail. TimesSigmoid(beta, x) is x * sigmoid(beta * x). Tail(beta, x) is s = sigmoid(-|t|), t = beta * x, the smaller
// of sigmoid(t) and its complement: Value() is s, Size() is |t|, IsRight() says where t > 0, Times(y) is y * s, and
// Times(y, by_s, by_size) the same, told the derivative of y * s by s and that of y by |t|.
template <class Math>
struct Swish {
  using Number = typename Math::Number;
  using Input = typename Math::Input;
  using Coefficient = typename Math::Coefficient;

  // Whether the parameter is a factor of x: with 1 the product is exact.
  static constexpr bool kScalesX = true;

  // The largest |x| that a fast model serves.
  static constexpr double ValueReach(double beta) { return Math::kLongest / (beta < 0 ? -beta : beta); }
  static constexpr double SlopeReach(double beta) { return Math::kLongestOfTail / (beta < 0 ? -beta : beta); }

  TFCUSTOMACT_FUNCTION static Number Value(const Input& x, const Coefficient& beta) {
    return Math::TimesSigmoid(beta, x);
  }

  TFCUSTOMACT_FUNCTION static Number Slope(const Input& x, const Coefficient& beta) {
    return SlopeOf(typename Math::Tail(beta, x));
  }

  // Whether all of the slope comes from the tail; then SlopeOf gives it.
  static constexpr bool kSlopeIsOfTail = true;

  // sigmoid(t) * (1 + t * sigmoid(-t)) is s * (1 - |t| + |t| * s) on the left, and 1 minus that on the right.
  TFCUSTOMACT_FUNCTION static Number SlopeOf(const typename Math::Tail& tail) {
    const Number one = Math::Constant(1), s = tail.Value(), size = tail.Size();
    const Number rest = one - size, bend = Math::MulAdd(size, s, rest);
    const Number left = tail.Times(bend, bend + (bend - rest), s - one);
    return Math::Where(tail.IsRight(), one - left, left);
  }

  // beta * s * (1 - s) * (2 - |t| * (1 - 2 * s))
  TFCUSTOMACT_FUNCTION static Number Curvature(const Input& x, const Coefficient& beta) {
    const typename Math::Tail tail(beta, x);
    const Number one = Math::Constant(1), two = Math::Constant(2), s = tail.Value();
    const Number bend = two - tail.Size() * (one - (s + s));
    return Math::Scale(beta, tail.Times((one - s) * bend));
  }
};

}  // namespace tfcustomact
