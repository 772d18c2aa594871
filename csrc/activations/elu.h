// ELU: elu(x) = x if x > 0 else alpha * (exp(x) - 1).
// Clevert, Unterthiner, Hochreiter: "Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs)",
// 2015, arXiv:1511.07289.
//
// Special values: elu(+-0) = +-0 for every alpha, elu(+inf) = +inf, elu(-inf) = -alpha, elu'(-inf) = 0,
// elu'(+-0) = elu''(+-0) = alpha (the derivatives from the left). NaN gives NaN.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/passes/facts.h"

namespace tfcustomact {

struct Elu {
  static constexpr const char* kParameterName = "alpha";
  static constexpr Parameter kParameter = Parameter::kOther;
  using Arithmetic = ExponentialArithmetic;

  template <class Math>
  struct Formula {
    using Number = typename Math::Number;
    using Coefficient = typename Math::Coefficient;

    static constexpr bool kDerivativeIsOfTail = false;

    // The largest |x| that a fast model serves. Every value is: where x is far below 0, exp(x) - 1 rounds to -1.
    static constexpr double ValueReach(double) { return __builtin_inf(); }
    static constexpr double DerivativeReach(double) { return Math::kMaxArgument; }

    TFCUSTOMACT_FUNCTION static Number Value(const Number& x, const Coefficient& alpha) {
      return Math::TimesExpm1Or(alpha, x, x);
    }

    TFCUSTOMACT_FUNCTION static Number Derivative(const Number& x, const Coefficient& alpha) {
      return Math::Where(Math::Less(Math::Constant(0), x), Math::Constant(1), Math::TimesExp(alpha, x));
    }

    TFCUSTOMACT_FUNCTION static Number SecondDerivative(const Number& x, const Coefficient& alpha) {
      return Math::Where(Math::Less(Math::Constant(0), x), Math::Constant(0), Math::TimesExp(alpha, x));
    }

    TFCUSTOMACT_FUNCTION static Number ByParameter(const Number& x, const Coefficient&) {
      const Number zero = Math::Constant(0), elsewhere = Math::Where(Math::Less(zero, x), zero, x);
      return Math::TimesExpm1Or(Math::One(), x, elsewhere);
    }
  };

  static constexpr LargestErrors kLargestErrors = {{1.27, 0.91}, {1.8, 1.3}, {1.3, 1.3}};

  // No derivative has a root.
  static double UlpFloor(Order, double) { return 0; }

  template <class Real>
  static Exact<Real> Definition(Real x, Real alpha) {
    if (x > Real(0)) return {x, Real(1), Real(0), Real(0)};
    const Real falling = alpha * Exp(x);
    return {x < Real(0) ? alpha * Expm1(x) : x, falling, falling, x < Real(0) ? Expm1(x) : Real(0)};
  }
};

}  // namespace tfcustomact
