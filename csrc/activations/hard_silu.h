// Hard SiLU (hard swish): hard_silu(x) = x * min(max(x + 3, 0), 6) / 6.
// Howard et al.: "Searching for MobileNetV3", 2019, arXiv:1905.02244.
//
// Special values: hard_silu(+-0) = +-0, hard_silu(+inf) = +inf, hard_silu(-inf) = -0, hard_silu'(+inf) = 1,
// hard_silu'(-inf) = 0, hard_silu''(+-inf) = 0; at -3 and 3 the derivatives are those from the left. NaN gives NaN.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/passes/facts.h"

namespace tfcustomact {

struct HardSilu {
  static constexpr const char* kParameterName = nullptr;
  static constexpr Parameter kParameter = Parameter::kNone;
  // These models offer more than it needs: it has no exponential.
  using Arithmetic = ExponentialArithmetic;

  template <class Math>
  struct Formula {
    using Number = typename Math::Number;
    using Coefficient = typename Math::Coefficient;

    static constexpr bool kDerivativeIsOfTail = false;

    // The largest |x| that a fast model serves.
    static constexpr double ValueReach(double) { return __builtin_inf(); }
    static constexpr double DerivativeReach(double) { return __builtin_inf(); }

    // x ((x + 3) / 6), with the rounding error of x + 3. Beyond 3 the result is x itself, so that nothing overflows.
    TFCUSTOMACT_FUNCTION static Number Value(const Number& x, const Coefficient&) {
      const Number three = Math::Constant(3), sum = x + three, error = x - (sum - three);
      const Number size = Math::Abs(x) * Sixth(sum, error),
                   positive = Math::Where(Math::Less(Math::Constant(0), x), size, x);
      const Number middle = Math::Where(Math::Less(x, Math::Constant(0)), -size, positive);
      return Math::Where(Math::Less(three, x), x, Inside(x, middle, Math::Constant(-0.0)));
    }

    TFCUSTOMACT_FUNCTION static Number Derivative(const Number& x, const Coefficient&) {
      const Number middle = Sixth(Math::MulAdd(Math::Constant(2), x, Math::Constant(3)), Math::Constant(0));
      return Math::Where(Math::Less(Math::Constant(3), x), Math::Constant(1), Inside(x, middle, Math::Constant(0)));
    }

    TFCUSTOMACT_FUNCTION static Number SecondDerivative(const Number& x, const Coefficient&) {
      const Number zero = Math::Constant(0), middle = Math::MulAdd(zero, x, Math::Constant(1.0 / 3));
      return Math::Where(Math::Less(Math::Constant(3), x), zero, Inside(x, middle, zero));
    }

   private:
    // `middle` for x > -3, and for NaN, of which `middle` is NaN; `left` elsewhere.
    TFCUSTOMACT_FUNCTION static Number Inside(const Number& x, const Number& middle, const Number& left) {
      const Number other = Math::Where(Math::Less(x, Math::Constant(-2)), left, middle);
      return Math::Where(Math::Less(Math::Constant(-3), x), middle, other);
    }

    // (a + low) / 6
    TFCUSTOMACT_FUNCTION static Number Sixth(const Number& a, const Number& low) {
      const Number sixth = Math::Constant(1.0 / 6);
      return Math::MulAdd(a, sixth, Math::MulAdd(a, Math::LowPart(1.0 / 6, a), low * sixth));
    }
  };

  static constexpr LargestErrors kLargestErrors = {{2, 2}, {2, 2}, {1.3, 1.3}};

  // Around the root of the derivative, -1.5, 2 x + 3 is exact.
  static double UlpFloor(Order, double) { return 0; }

  template <class Real>
  static Exact<Real> Definition(Real x, Real) {
    const Real zero(0), one(1), two(2), three(3), six(6);
    if (x > three) return {x, one, zero, zero};
    if (x > -three) return {x * (x + three) / six, (two * x + three) / six, one / three, zero};
    // Here NaN is left over, besides numbers up to -3.
    if (x < zero) return {CopySign(zero, x), zero, zero, zero};
    return {x, x, x, zero};
  }
};

}  // namespace tfcustomact
