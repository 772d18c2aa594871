// CELU: celu(x) = x if x > 0 else alpha * (exp(x / alpha) - 1), for alpha > 0.
// Barron: "Continuously Differentiable Exponential Linear Units", 2017, arXiv:1704.07483.
//
// Special values: celu(+-0) = +-0, celu(+inf) = +inf, celu(-inf) = -alpha, celu'(-inf) = 0, celu'(+-0) = 1,
// celu''(-inf) = 0, celu''(+-0) = 1 / alpha (the derivative from the left). NaN gives NaN. Where x is negative, an
// alpha that is negative or not finite gives NaN, and one of 0 the limit: 0.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/passes/facts.h"

namespace tfcustomact {

struct Celu {
  static constexpr const char* kParameterName = "alpha";
  static constexpr Parameter kParameter = Parameter::kDivisorOfX;
  using Arithmetic = ExponentialArithmetic;

  template <class Math>
  struct Formula {
    using Number = typename Math::Number;
    using Coefficient = typename Math::Coefficient;
    using ExpOfQuotient = typename Math::ExpOfQuotient;

    static constexpr bool kDerivativeIsOfTail = false;

    // The largest |x| that a fast model serves.
    static constexpr double ValueReach(double) { return __builtin_inf(); }
    static constexpr double DerivativeReach(double) { return __builtin_inf(); }

    TFCUSTOMACT_FUNCTION static Number Value(const Number& x, const Coefficient& alpha) {
      return Math::Where(Math::Less(x, Math::Constant(0)), ExpOfQuotient(alpha, x).Expm1(), x);
    }

    TFCUSTOMACT_FUNCTION static Number Derivative(const Number& x, const Coefficient& alpha) {
      return Math::Where(Math::Less(Math::Constant(0), x), Math::Constant(1), ExpOfQuotient(alpha, x).Value());
    }

    TFCUSTOMACT_FUNCTION static Number SecondDerivative(const Number& x, const Coefficient& alpha) {
      return Math::Where(Math::Less(Math::Constant(0), x), Math::Constant(0), ExpOfQuotient(alpha, x).Divided());
    }

    // (1 + s) * exp(-s) - 1 for s = -x / alpha; where it is small, as exp(log(1 + s) - s) - 1.
    TFCUSTOMACT_FUNCTION static Number ByParameter(const Number& x, const Coefficient& alpha) {
      const Number zero = Math::Constant(0), one = Math::Constant(1);
      const ExpOfQuotient power(alpha, x);
      const Number size = power.Size(), small = Math::TimesExpm1(Math::Fixed(1, x), Math::Log1pmx(size));
      const Number left = Math::Where(Math::Less(size, one), small, power.Times(one + size) - one);
      return Math::Where(Math::Less(x, zero), left, Math::Where(Math::Less(zero, x), zero, x));
    }
  };

  static constexpr LargestErrors kLargestErrors = {{1.3, 1.1}, {1.8, 1.3}, {1.4, 1.3}};

  // No derivative has a root.
  static double UlpFloor(Order, double) { return 0; }

  template <class Real>
  static Exact<Real> Definition(Real x, Real alpha) {
    const Real zero(0), one(1), t = x / alpha;
    if (x > zero) return {x, one, zero, zero};
    const bool is_far = Abs(t) > Real(12000);
    const Real error = is_far ? zero : Fma(-t, alpha, x) / alpha, power = Exp(t) * (one + error);
    const Real by_alpha = is_far ? -one : t < -one ? (one - t) * power - one : -Series(-t);
    return {x < zero ? alpha * Expm1(t) : x, power, power / alpha, x < zero ? by_alpha : zero};
  }

 private:
  // 1 - (1 + s) * exp(-s), for s up to 1: (n - 1) / n! * (-s)^n, from n = 2 on.
  template <class Real>
  static Real Series(Real s) {
    Real term = s * s / Real(2), sum = term;
    for (int n = 2; n < 30; ++n) {
      term = -term * s * Real(n) / Real((n - 1) * (n + 1));
      sum = sum + term;
    }
    return sum;
  }
};

}  // namespace tfcustomact
