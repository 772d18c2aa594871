// SELU: selu(x) = scale * x if x > 0 else scale * alpha * (exp(x) - 1), with scale = 1.0507... and alpha = 1.6732...
// Klambauer, Unterthiner, Mayr, Hochreiter: "Self-Normalizing Neural Networks", 2017, arXiv:1706.02515.
//
// Special values: selu(+-0) = +-0, selu(+inf) = +inf, selu(-inf) = -scale * alpha, selu'(+inf) = scale,
// selu'(-inf) = 0, selu'(+-0) = selu''(+-0) = scale * alpha (the derivatives from the left). NaN gives NaN.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/passes/facts.h"

namespace tfcustomact {

struct Selu {
  static constexpr const char* kParameterName = nullptr;
  static constexpr Parameter kParameter = Parameter::kNone;
  using Arithmetic = ExponentialArithmetic;

  // scale, and scale * alpha, each rounded to float64.
  static constexpr double kScale = 1.0507009873554805, kScaleAlpha = 1.7580993408473766;

  template <class Math>
  struct Formula {
    using Number = typename Math::Number;
    using Coefficient = typename Math::Coefficient;

    static constexpr bool kDerivativeIsOfTail = false;

    // The largest |x| that a fast model serves. Every value is: where x is far below 0, exp(x) - 1 rounds to -1.
    static constexpr double ValueReach(double) { return __builtin_inf(); }
    static constexpr double DerivativeReach(double) { return Math::kMaxArgument; }

    TFCUSTOMACT_FUNCTION static Number Value(const Number& x, const Coefficient&) {
      return Math::TimesExpm1Or(Math::Fixed(kScaleAlpha, x), x, Math::TimesOnePlus(kScale - 1, x));
    }

    TFCUSTOMACT_FUNCTION static Number Derivative(const Number& x, const Coefficient&) {
      const Number left = Math::TimesExp(Math::Fixed(kScaleAlpha, x), x);
      return Math::Where(Math::Less(Math::Constant(0), x), Math::Constant(kScale), left);
    }

    TFCUSTOMACT_FUNCTION static Number SecondDerivative(const Number& x, const Coefficient&) {
      const Number left = Math::TimesExp(Math::Fixed(kScaleAlpha, x), x);
      return Math::Where(Math::Less(Math::Constant(0), x), Math::Constant(0), left);
    }
  };

  static constexpr LargestErrors kLargestErrors = {{1.8, 1.2}, {1.8, 1.3}, {1.4, 1.3}};

  // No derivative has a root.
  static double UlpFloor(Order, double) { return 0; }

  template <class Real>
  static Exact<Real> Definition(Real x, Real) {
    const Real zero(0), scale(kScale), fall(kScaleAlpha);
    if (x > zero) return {scale * x, scale, zero, zero};
    const Real falling = fall * Exp(x);
    return {x < zero ? fall * Expm1(x) : x, falling, falling, zero};
  }
};

}  // namespace tfcustomact
