// GELU: gelu(x) = x * Phi(x), where Phi is the standard normal distribution's function.
// Hendrycks, Gimpel: "Gaussian Error Linear Units (GELUs)", 2016, arXiv:1606.08415.
//
// With z = exp(-x^2 / 2) and r = (1 - Phi(|x|)) / z, which hardly changes, gelu(x) is -|x| r z on the left of zero and
// x (1 - r z) on the right.
//
// Special values: gelu(+-0) = +-0, gelu(+inf) = +inf, gelu(-inf) = -0, gelu'(+inf) = 1, gelu'(-inf) = 0,
// gelu''(+-inf) = 0. NaN gives NaN.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/passes/facts.h"

namespace tfcustomact {

struct Gelu {
  static constexpr const char* kParameterName = nullptr;
  static constexpr Parameter kParameter = Parameter::kNone;
  using Arithmetic = ExponentialArithmetic;

  template <class Math>
  struct Formula {
    using Number = typename Math::Number;
    using Coefficient = typename Math::Coefficient;

    static constexpr bool kDerivativeIsOfTail = false;

    // The largest |x| that a fast model serves.
    static constexpr double ValueReach(double) { return __builtin_inf(); }
    static constexpr double DerivativeReach(double) { return __builtin_inf(); }

    TFCUSTOMACT_FUNCTION static Number Value(const Number& x, const Coefficient&) {
      const Parts p(x);
      const auto is_left = Math::Less(x, Math::Constant(0));
      const Number ratio = Math::NormalRatio(p.size);
      const Number part = p.decay.Times(Math::Where(is_left, p.size * ratio, ratio));
      // Zeros, infinity and NaN are x itself.
      const Number right = Math::Where(p.is_far, x, Math::TimesComplement(x, part));
      return Math::Where(is_left, -part, Math::Where(Math::Less(Math::Constant(0), x), right, x));
    }

    // z (r - |x| / sqrt(2 pi)) on the left, 1 minus that on the right.
    TFCUSTOMACT_FUNCTION static Number Derivative(const Number& x, const Coefficient&) {
      const Parts p(x);
      const Number factor = Math::MulAdd(Math::Constant(-kDensity), p.size, Math::NormalRatio(p.size));
      const Number part = p.decay.Times(factor);
      return Math::Where(Math::Less(x, Math::Constant(0)), part, Math::Constant(1) - part);
    }

    // z (2 - x^2) / sqrt(2 pi)
    TFCUSTOMACT_FUNCTION static Number SecondDerivative(const Number& x, const Coefficient&) {
      const Parts p(x);
      return p.decay.Times(Math::Constant(kDensity) * (Math::Constant(2) - p.square));
    }

   private:
    struct Parts {
      TFCUSTOMACT_FUNCTION explicit Parts(const Number& x)
          : is_far(Math::Less(Math::Constant(kFar), Math::Abs(x))),
            size(Math::Where(is_far, Math::Constant(kFar), Math::Abs(x))),
            square(size * size),
            decay(Math::Constant(0.5) * square, Math::Constant(0.5) * Math::ProductError(size, size, square)) {}

      typename Math::Mask is_far;
      Number size, square;
      typename Math::Decay decay;
    };

    // The bound of |x|: kFar * exp(-kFar^2 / 2) rounds to 0 in every dtype.
    static constexpr double kFar = 40;
    // 1 / sqrt(2 pi)
    static constexpr double kDensity = 0.3989422804014327;
  };

  static constexpr LargestErrors kLargestErrors = {{3.1, 3.9}, {3.3, 3.7}, {3.0, 3.4}};

  // Around the roots of the derivatives no relative error can be promised: there it is in ULPs of numbers of this size.
  static double UlpFloor(Order order, double x) {
    const double size = x < 0 ? -x : x;
    const bool is_near_root = (order == Order::kDerivative && x >= -1.5 && x <= -0.4) ||
                              (order == Order::kSecondDerivative && size > 1 && size < 2.2);
    return is_near_root ? 0x1p-3 : 0;
  }

  // Phi(-|x|) is erfc(u) / 2 with u = |x| / sqrt(2), and z is the density at x. The rounding errors of u and x^2 are
  // corrected.
  template <class Real>
  static Exact<Real> Definition(Real x, Real) {
    const Real zero(0), one(1), two(2), half = one / two, size = Abs(x), square = size * size;
    if (size > Real(100)) return {x > zero ? x : CopySign(zero, x), x > zero ? one : zero, zero, zero};
    const Real root = Real(0.707106781186547524400844362104849039L),
               density = Real(0.398942280401432677939946059934381868L);
    const Real root_error = (half - root * root) / (two * root) - Fma(root, root, -(root * root)) / (two * root);
    const Real u = size * root, u_error = Fma(size, root, -u) + size * root_error;
    const Real z = density * Exp(-square * half) * (one - half * Fma(size, size, -square));
    const Real tail = half * Erfc(u) - z * (two * root) * u_error, small = tail - size * z;
    return {x > zero ? x - x * tail : x * tail, x > zero ? one - small : small, z * (two - square), zero};
  }
};

}  // namespace tfcustomact
