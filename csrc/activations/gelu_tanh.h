// GELU's approximation: gelu_tanh(x) = x * (1 + tanh(u)) / 2 with u = sqrt(2 / pi) * (x + 0.044715 * x^3).
// Hendrycks, Gimpel: "Gaussian Error Linear Units (GELUs)", 2016, arXiv:1606.08415.
//
// (1 + tanh(u)) / 2 is sigmoid(t) with t = 2 u. With z = exp(-|t|), gelu_tanh(x) is -|x| z / (1 + z) on the left of
// zero and x (1 - z / (1 + z)) on the right.
//
// Special values: gelu_tanh(+-0) = +-0, gelu_tanh(+inf) = +inf, gelu_tanh(-inf) = -0, gelu_tanh'(+inf) = 1,
// gelu_tanh'(-inf) = 0, gelu_tanh''(+-inf) = 0. NaN gives NaN.
#pragma once

#include "csrc/activations/gelu.h"
#include "csrc/numbers/function.h"
#include "csrc/passes/facts.h"

namespace tfcustomact {

struct GeluTanh {
  static constexpr const char* kParameterName = nullptr;
  static constexpr Parameter kParameter = Parameter::kNone;
  using Arithmetic = ExponentialArithmetic;

  // 2 * sqrt(2 / pi), and the coefficient of x^3: float64 numbers, as in TensorFlow and PyTorch.
  static constexpr double kScale = 1.5957691216057308, kCubic = 0.044715;

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
      const Number one = Math::Constant(1);
      const Number y = Math::Where(is_left, p.size, one) / (one + p.z);
      // The derivative of y z by z, by which Times corrects the error of z, is y / (1 + z), about y (1 - z / 2).
      const Number part = p.decay.Times(y, y * Math::MulAdd(Math::Constant(-0.5), p.z, one));
      // Zeros, infinity and NaN are x itself.
      const Number right = Math::Where(p.is_far, x, Math::TimesComplement(x, part));
      return Math::Where(is_left, -part, Math::Where(Math::Less(Math::Constant(0), x), right, x));
    }

    // With q = z / (1 + z), |t|' the derivative of |t| by |x|, and u = |x| |t|', it is q (1 - u (1 - q)) on the left,
    // and 1 minus that on the right. The factor of z is (1 - q) (1 - u + u q): where z is small, so are the errors of
    // q.
    TFCUSTOMACT_FUNCTION static Number Derivative(const Number& x, const Coefficient&) {
      const Parts p(x);
      const Number one = Math::Constant(1), q = p.z / (one + p.z), excess = p.UMinusT();
      const Number y = Math::TimesComplement((one - p.t) + Math::MulAdd(p.t + excess, q, -excess), q);
      const Number part = p.decay.Times(y, Math::TimesComplement(y, q));
      return Math::Where(Math::Less(x, Math::Constant(0)), part, one - part);
    }

    // z s^2 (2 |t|' + |x| |t|'' - u |t|' (1 - z) s)
    TFCUSTOMACT_FUNCTION static Number SecondDerivative(const Number& x, const Coefficient&) {
      const Parts p(x);
      const Number one = Math::Constant(1), share = one / (one + p.z), cubic = Math::Constant(3 * kScale * kCubic);
      const Number dt = Math::MulAdd(cubic, p.square, Math::Constant(kScale));
      const Number half_sum = Math::MulAdd(cubic, p.square, dt);
      return p.decay.Times(share * share * (half_sum + half_sum - (p.t + p.UMinusT()) * dt * ((one - p.z) * share)));
    }

   private:
    // |t| = kScale * v with v = |x| (1 + kCubic * x^2), and the sum of its rounding errors.
    struct Parts {
      TFCUSTOMACT_FUNCTION explicit Parts(const Number& x)
          : is_far(Math::Less(Math::Constant(kFar), Math::Abs(x))),
            size(Math::Where(is_far, Math::Constant(kFar), Math::Abs(x))),
            square(size * size),
            share(Math::Constant(kCubic) * square),
            sum(Math::Constant(1) + share),
            v(size * sum),
            t(Math::Constant(kScale) * v),
            t_low(LowPart()),
            decay(t, t_low),
            z(decay.Value()) {}

      // u - t = 2 * kScale * kCubic * |x|^3
      TFCUSTOMACT_FUNCTION Number UMinusT() const {
        const Number cube = size * share, low = Math::MulAdd(Math::LowPart(2 * kScale, size), cube, t_low);
        return Math::MulAdd(Math::Constant(2 * kScale), cube, low);
      }

      typename Math::Mask is_far;
      Number size, square, share, sum, v, t, t_low;
      typename Math::Decay decay;
      Number z;

     private:
      TFCUSTOMACT_FUNCTION Number LowPart() const {
        const Number one = Math::Constant(1), scale = Math::Constant(kScale), cubic = Math::Constant(kCubic);
        const Number square_low = cubic * Math::ProductError(size, size, square) + Math::LowPart(kCubic, size) * square;
        const Number share_low = Math::ProductError(cubic, square, share) + square_low;
        const Number sum_low = Math::ProductError(one, share, sum - one) + share_low;
        const Number v_low = Math::ProductError(size, sum, v) + size * sum_low;
        return Math::ProductError(scale, v, t) + (scale * v_low + Math::LowPart(kScale, size) * v);
      }
    };

    // The bound of |x|: kFar * exp(-|t|), with t for an x of kFar, rounds to 0 in every dtype.
    static constexpr double kFar = 25;
  };

  static constexpr LargestErrors kLargestErrors = {{2.9, 3.9}, {2.9, 3.9}, {1.3, 1.3}};

  // Around the roots of the derivatives no relative error can be promised: there it is in ULPs of numbers of this size.
  // They are near GELU's.
  static double UlpFloor(Order order, double x) { return Gelu::UlpFloor(order, x); }

  // With the rounding error of t: exp(-t) has a relative error as large as the absolute error of t.
  template <class Real>
  static Exact<Real> Definition(Real x, Real) {
    const Real zero(0), one(1), two(2), three(3), six(6), scale(kScale), cubic(kCubic), size = Abs(x);
    if (size > Real(100)) return {x > zero ? x : CopySign(zero, x), x > zero ? one : zero, zero, zero};
    const Real square = size * size, share = cubic * square, sum = one + share, v = size * sum, t = scale * v;
    const Real share_low = Fma(cubic, square, -share) + cubic * Fma(size, size, -square);
    const Real sum_low = (share - (sum - one)) + share_low;
    const Real v_low = Fma(size, sum, -v) + size * sum_low, low = Fma(scale, v, -t) + scale * v_low;
    const Real z = Exp(-t) * (one - low), s = one / (one + z), dt = scale + three * scale * cubic * square;
    const Real small = z * s * (one - size * dt * s);
    const Real second = z * s * s * (two * dt + six * scale * cubic * square - size * dt * dt * (one - z) * s);
    return {x > zero ? x * s : x * (z * s), x > zero ? one - small : small, second, zero};
  }
};

}  // namespace tfcustomact
