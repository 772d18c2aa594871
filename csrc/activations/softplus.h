// Softplus: softplus(x) = log(1 + exp(x)).
// Dugas, Bengio, Belisle, Nadeau, Garcia: "Incorporating Second-Order Functional Knowledge for Better Option Pricing",
// 2000, NIPS 13.
//
// Special values: softplus(+-0) = log(2), softplus(+inf) = +inf, softplus(-inf) = +0, softplus'(+inf) = 1,
// softplus'(-inf) = 0, softplus''(+-inf) = 0. NaN gives NaN.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/passes/facts.h"

namespace tfcustomact {

struct Softplus {
  static constexpr const char* kParameterName = nullptr;
  static constexpr Parameter kParameter = Parameter::kNone;
  using Arithmetic = ExponentialArithmetic;

  template <class Math>
  struct Formula {
    using Number = typename Math::Number;
    using Coefficient = typename Math::Coefficient;

    // The largest |x| that a fast model serves.
    static constexpr double ValueReach(double) { return __builtin_inf(); }
    static constexpr double DerivativeReach(double) { return Math::kMaxArgumentOfTail; }

    // max(x, 0) + log(1 + z), z = exp(-|x|)
    TFCUSTOMACT_FUNCTION static Number Value(const Number& x, const Coefficient&) {
      const Number logarithm = typename Math::Decay(Math::Abs(x)).Log1p();
      const Number right = Math::Where(Math::Less(Math::Constant(kFar), x), x, x + logarithm);
      return Math::Where(IsLeft(x), logarithm, right);
    }

    TFCUSTOMACT_FUNCTION static Number Derivative(const Number& x, const Coefficient& one) {
      return DerivativeOf(typename Math::Tail(one, x));
    }

    // Whether the derivative is a function of the tail alone; then DerivativeOf gives it.
    static constexpr bool kDerivativeIsOfTail = true;

    // sigmoid(x)
    TFCUSTOMACT_FUNCTION static Number DerivativeOf(const typename Math::Tail& tail) {
      const Number one = Math::Constant(1), small = tail.Times(one, one, Math::Constant(0));
      return Math::Where(tail.IsRight(), one - small, small);
    }

    // z / (1 + z)^2
    TFCUSTOMACT_FUNCTION static Number SecondDerivative(const Number& x, const Coefficient&) {
      const typename Math::Decay decay(Math::Abs(x));
      const Number sum = Math::Constant(1) + decay.Value();
      return decay.Times(Math::Constant(1) / (sum * sum));
    }

   private:
    // Zeros and NaN are not.
    TFCUSTOMACT_FUNCTION static typename Math::Mask IsLeft(const Number& x) { return Math::Less(x, Math::Constant(0)); }

    // log(1 + exp(x)) rounds to x from here on.
    static constexpr double kFar = 50;
  };

  static constexpr LargestErrors kLargestErrors = {{2, 1.21}, {2, 1.2}, {2, 1.3}};

  // Neither the value nor a derivative has a root.
  static double UlpFloor(Order, double) { return 0; }

  template <class Real>
  static Exact<Real> Definition(Real x, Real) {
    const Real zero(0), one(1), power = Exp(-Abs(x)), sum = one + power, tail = power / sum;
    return {(x > zero ? x : zero) + Log1p(power), x > zero ? one / sum : tail, tail / sum, zero};
  }
};

}  // namespace tfcustomact
