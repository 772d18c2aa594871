// Mish: mish(x) = x * tanh(softplus(x)), softplus(x) = log(1 + exp(x)).
// Misra: "Mish: A Self Regularized Non-Monotonic Activation Function", 2019, arXiv:1908.08681.
//
// With z = exp(-|x|), d = 2 + 2 z + z^2 on the left of zero and d = 1 + 2 z + 2 z^2 on the right, mish(x) is
// x z (2 + z) / d on the left and x (1 - 2 z^2 / d) on the right.
//
// Special values: mish(+-0) = +-0, mish(+inf) = +inf, mish(-inf) = -0, mish'(+inf) = 1, mish'(-inf) = 0,
// mish''(+-inf) = 0. NaN gives NaN.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/passes/facts.h"

namespace tfcustomact {

struct Mish {
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

    // (2 + z) / d on the left is 1 - z (1 + z) / d: where z is small, so are the errors of the quotient. The derivative
    // of y z by z, by which Times corrects the error of z, is about y (1 - 0.45 z).
    TFCUSTOMACT_FUNCTION static Number Value(const Number& x, const Coefficient&) {
      const Parts p(x);
      const Number one = Math::Constant(1);
      const Number v = Math::Where(p.is_left, Math::MulAdd(p.z, p.z, p.z), p.z + p.z) / p.denominator;
      const Number y = Math::Where(p.is_left, Math::MulAdd(-p.size, v, p.size), v);
      const Number part = p.decay.Times(y, y * Math::MulAdd(Math::Constant(-0.45), p.z, one));
      // Zeros, infinity and NaN are x itself.
      const Number right = Math::Where(p.is_far, x, Math::TimesComplement(x, part));
      return Math::Where(p.is_left, -part, Math::Where(Math::Less(Math::Constant(0), x), right, x));
    }

    // z (1 - |x| + z h / d^2) on the left, h = (4 |x| - 2) (1 + 2 z) + (4 |x| - 3) z^2 - (1 - |x|) z^3, and on the
    // right 1 + z^2 ((4 |x| - 2) + (4 |x| - 4) z - 4 z^2) / d^2.
    TFCUSTOMACT_FUNCTION static Number Derivative(const Number& x, const Coefficient&) {
      const Parts p(x);
      const Number one = Math::Constant(1), two = Math::Constant(2), four = Math::Constant(4);
      const Number head = Math::MulAdd(four, p.size, -two), one_minus_size = one - p.size;
      const Number left =
          Math::MulAdd(p.z, Math::MulAdd(p.z, Math::MulAdd(p.z, -one_minus_size, head - one), head + head), head);
      const Number right = Math::MulAdd(p.z, (head - two) - four * p.z, head);
      const Number v = Math::Where(p.is_left, left, right) / (p.denominator * p.denominator);
      const Number y = Math::MulAdd(p.z, v, Math::Where(p.is_left, one_minus_size, Math::Constant(0)));
      const Number part = p.decay.Times(y, y * Math::MulAdd(Math::Constant(-0.45), p.z, one));
      return Math::Where(p.is_left, part, one + part);
    }

    // With p(z) = (4 - 2 |x|) + (8 - 2 |x|) z + (6 + 3 |x|) z^2 + (2 + 2 |x|) z^3, it is 4 z p(z) / d^3 on the left. On
    // the right, x has the other sign, and the coefficients of p are in reverse, times z.
    TFCUSTOMACT_FUNCTION static Number SecondDerivative(const Number& x, const Coefficient&) {
      const Parts p(x);
      const Number two = Math::Constant(2), six = Math::Constant(6), eight = Math::Constant(8), size2 = two * p.size;
      const Number four = Math::Constant(4), size3 = size2 + p.size;
      const Number left = Math::MulAdd(
          p.z, Math::MulAdd(p.z, Math::MulAdd(p.z, two + size2, six + size3), eight - size2), four - size2);
      const Number right =
          p.z * Math::MulAdd(p.z, Math::MulAdd(p.z, Math::MulAdd(p.z, four + size2, eight + size2), six - size3),
                             two - size2);
      const Number d = p.denominator;
      return p.decay.Times(four * Math::Where(p.is_left, left, right) / (d * d * d));
    }

   private:
    struct Parts {
      TFCUSTOMACT_FUNCTION explicit Parts(const Number& x)
          : is_left(Math::Less(x, Math::Constant(0))),
            is_far(Math::Less(Math::Constant(kFar), Math::Abs(x))),
            size(Math::Where(is_far, Math::Constant(kFar), Math::Abs(x))),
            decay(size),
            z(decay.Value()),
            denominator(Math::Where(is_left, Math::MulAdd(z, z + Math::Constant(2), Math::Constant(2)),
                                    Math::MulAdd(z, (z + z) + Math::Constant(2), Math::Constant(1)))) {}

      typename Math::Mask is_left, is_far;
      Number size;
      typename Math::Decay decay;
      Number z, denominator;
    };

    // The bound of |x|: kFar * exp(-kFar) rounds to 0 in every dtype.
    static constexpr double kFar = 1000;
  };

  static constexpr LargestErrors kLargestErrors = {{2.8, 3.9}, {2.8, 3.4}, {1.3, 1.3}};

  // Around the roots of the derivatives no relative error can be promised: there it is in ULPs of numbers of this size.
  static double UlpFloor(Order order, double x) {
    const bool is_near_root = (order == Order::kDerivative && x >= -2 && x <= -0.7) ||
                              (order == Order::kSecondDerivative && ((x > -3 && x < -1.5) || (x > 1 && x < 2)));
    return is_near_root ? 0x1p-4 : 0;
  }

  template <class Real>
  static Exact<Real> Definition(Real x, Real) {
    const Real zero(0), one(1), two(2), four(4);
    if (IsInf(x)) return {x > zero ? x : CopySign(zero, x), x > zero ? one : zero, zero, zero};
    const Real power = Exp(-Abs(x)), sum = one + power, small = power / sum, large = one / sum;
    const Real s = x > zero ? large : small, q = x > zero ? small : large, d = one + q * q;
    const Real tanh = s * (one + q) / d, dtanh = four * q * q * s / (d * d);
    return {x * tanh, tanh + x * dtanh, dtanh * (two + x * (q - two * tanh * s)), zero};
  }
};

}  // namespace tfcustomact
