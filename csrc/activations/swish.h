// Swish (SiLU for beta = 1): swish(x) = x * sigmoid(beta * x).
// Ramachandran, Zoph, Le: "Searching for Activation Functions", 2017, arXiv:1710.05941;
// Elfwing, Uchibe, Doya: "Sigmoid-Weighted Linear Units", 2017, arXiv:1702.03118.
//
// Special values: swish(+-0) = +-0, swish(+inf) = +inf, swish(-inf) = -0, and the same limits for the derivatives:
// swish'(+inf) = 1, swish'(-inf) = 0, swish''(+-inf) = 0 (for beta > 0; mirrored for beta < 0). NaN gives NaN.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/passes/facts.h"

namespace tfcustomact {

struct Swish {
  static constexpr const char* kParameterName = "beta";
  static constexpr Parameter kParameter = Parameter::kFactorOfX;
  using Arithmetic = ExponentialArithmetic;

  template <class Math>
  struct Formula {
    using Number = typename Math::Number;
    using Coefficient = typename Math::Coefficient;

    // The largest |x| that a fast model serves.
    static constexpr double ValueReach(double beta) { return Math::kMaxArgument / (beta < 0 ? -beta : beta); }
    static constexpr double DerivativeReach(double beta) {
      return Math::kMaxArgumentOfTail / (beta < 0 ? -beta : beta);
    }

    TFCUSTOMACT_FUNCTION static Number Value(const Number& x, const Coefficient& beta) {
      return Math::TimesSigmoid(beta, x);
    }

    TFCUSTOMACT_FUNCTION static Number Derivative(const Number& x, const Coefficient& beta) {
      return DerivativeOf(typename Math::Tail(beta, x));
    }

    // Whether the derivative is a function of the tail alone; then DerivativeOf gives it, and ByParameterOf the
    // derivative with respect to the parameter.
    static constexpr bool kDerivativeIsOfTail = true;

    // sigmoid(t) * (1 + t * sigmoid(-t)) is s * (1 - |t| + |t| * s) on the left, and 1 minus that on the right, with
    // s = sigmoid(-|t|).
    TFCUSTOMACT_FUNCTION static Number DerivativeOf(const typename Math::Tail& tail) {
      const Number one = Math::Constant(1), s = tail.Value(), size = tail.Size();
      const Number difference = one - size, factor = Math::MulAdd(size, s, difference);
      const Number left = tail.Times(factor, factor + (factor - difference), s - one);
      return Math::Where(tail.IsRight(), one - left, left);
    }

    // beta * s * (1 - s) * (2 - |t| * (1 - 2 * s))
    TFCUSTOMACT_FUNCTION static Number SecondDerivative(const Number& x, const Coefficient& beta) {
      const typename Math::Tail tail(beta, x);
      const Number one = Math::Constant(1), two = Math::Constant(2), s = tail.Value();
      const Number factor = two - tail.Size() * (one - (s + s));
      return Math::Scale(beta, tail.Times((one - s) * factor));
    }

    TFCUSTOMACT_FUNCTION static Number ByParameter(const Number& x, const Coefficient& beta) {
      return ByParameterOf(typename Math::Tail(beta, x), x);
    }

    // x^2 * s * (1 - s)
    TFCUSTOMACT_FUNCTION static Number ByParameterOf(const typename Math::Tail& tail, const Number& x) {
      const Number bounded = Math::Bounded(x);
      return Math::TimesInput(bounded, tail.Times(bounded) * (Math::Constant(1) - tail.Value()));
    }
  };

  static constexpr LargestErrors kLargestErrors = {{1.81, 1.75}, {1.9, 1.8}, {1.3, 1.3}};

  // Around the roots of the derivatives no relative error can be promised: there it is in ULPs of numbers of this size.
  static double UlpFloor(Order order, double t) {
    const double size = t < 0 ? -t : t;
    const bool is_near_root = (order == Order::kDerivative && t >= -2 && t <= -0.8) ||
                              (order == Order::kSecondDerivative && size > 2 && size < 3);
    return is_near_root ? 0x1p-4 : 0;
  }

  // From the smaller of sigmoid(t) and sigmoid(-t), so that nothing overflows or cancels, with the rounding error of t.
  template <class Real>
  static Exact<Real> Definition(Real x, Real beta) {
    const Real zero(0), one(1), two(2), t = beta * x, size = Abs(t);
    if (IsInf(x)) {
      if (beta == zero) return {x / two, one / two, zero, Abs(x)};
      return {t > zero ? x : CopySign(zero, x), t > zero ? one : zero, zero, zero};
    }
    const Real error = size < Real(12000) ? CopySign(one, t) * Fma(beta, x, -t) : zero;
    const Real power = Exp(-size) * (one - error), sum = one + power, tail = power / sum;
    const Real left = tail * ((one - size) - error + size * tail);
    return {t > zero ? x / sum : x * tail, t > zero ? one - left : left,
            beta * tail / sum * (two - size * (one - power) / sum), x * tail * x / sum};
  }
};

}  // namespace tfcustomact
