// Mish: mish(x) = x * tanh(softplus(x)), softplus(x) = log(1 + exp(x)).
// Misra: "Mish: A Self Regularized Non-Monotonic Activation Function", 2019, arXiv:1908.08681.
//
// With s = sigmoid(x), q = sigmoid(-x) and d = 1 + q^2, tanh(softplus(x)) = s * (2 - s) / d = (1 - q^2) / d.
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

    // The largest |x| that a fast model serves.
    static constexpr double ValueReach(double) { return Math::kMaxArgumentOfTail; }
    static constexpr double DerivativeReach(double) { return Math::kMaxArgumentOfTail; }

    // With u the tail and v = 1 - u, x * u * (1 + v) / d on the left, x - 2 * x * u^2 / d on the right. Where |x| < 1,
    // x comes last, since it may be subnormal, and elsewhere before the tail, which may be.
    TFCUSTOMACT_FUNCTION static Number Value(const Number& x, const Coefficient& unit) {
      const typename Math::Tail tail(unit, x);
      const Number one = Math::Constant(1), limit = Math::Constant(kFar), minus_limit = Math::Constant(-kFar);
      const Number u = tail.Value(), v = one - u;
      const auto is_right = tail.IsRight(), is_small = Math::Less(tail.Size(), one);
      const Number above = Math::Where(Math::Less(x, minus_limit), minus_limit, x);
      const Number factor = Math::Where(is_small, one, Math::Where(Math::Less(limit, above), limit, above));
      const Number q = Math::Where(is_right, u, v), d = Math::MulAdd(q, q, one);
      const Number part = tail.Times(factor * (Math::Where(is_right, u + u, one + v) / d));
      const Number product = Math::Where(is_right, factor - part, part);
      const Number result = Math::Where(is_small, x * product, product);
      // The limit, zeros and NaN are x themselves.
      const Number right = Math::Where(Math::Less(limit, x), x, result);
      return Math::Where(is_right, right, Math::Where(Math::Less(x, Math::Constant(0)), result, x));
    }

    TFCUSTOMACT_FUNCTION static Number Derivative(const Number& x, const Coefficient& unit) {
      return DerivativeOf(typename Math::Tail(unit, x));
    }

    // Whether the derivative is a function of the tail alone; then DerivativeOf gives it.
    static constexpr bool kDerivativeIsOfTail = true;

    // u * (4 * (1 + x) * v^3 + (6 + 4 * x) * u * v^2 + 4 * u^2 * v + u^3) / d^2 on the left, and on the right
    // 1 + u * u * ((4 * x - 2) * v^2 + (4 * x - 4) * u * v - 4 * u^2) / d^2. Written so, what cancels is small.
    TFCUSTOMACT_FUNCTION static Number DerivativeOf(const typename Math::Tail& tail) {
      const Number one = Math::Constant(1), two = Math::Constant(2), four = Math::Constant(4), size = tail.Size();
      const Number u = tail.Value(), v = one - u, u2 = u * u;
      const auto is_right = tail.IsRight();
      const Number q = Math::Where(is_right, u, v), d = Math::MulAdd(q, q, one);
      const Number left_head = Math::MulAdd(four * (one - size), v, (four + two - four * size) * u);
      const Number left = Math::MulAdd(v, Math::MulAdd(v, left_head, four * u2), u2 * u);
      const Number right_head = Math::MulAdd(four * size - two, v, (four * size - four) * u);
      const Number right = u * (v * right_head - four * u2);
      const Number part = tail.Times(Math::Where(is_right, right, left) / (d * d));
      return Math::Where(is_right, one + part, part);
    }

    // 4 * q^2 * s / d^2 * (2 + x * (q - 2 * s^2 * (1 + q) / d))
    TFCUSTOMACT_FUNCTION static Number SecondDerivative(const Number& x, const Coefficient& unit) {
      const typename Math::Tail tail(unit, x);
      const Number one = Math::Constant(1), two = Math::Constant(2), four = Math::Constant(4);
      const Number u = tail.Value(), v = one - u;
      const auto is_right = tail.IsRight();
      const Number q = Math::Where(is_right, u, v), s = Math::Where(is_right, v, u), d = Math::MulAdd(q, q, one);
      const Number signed_size = Math::Where(is_right, tail.Size(), -tail.Size());
      const Number bend = q - two * (s * s) * (one + q) / d;
      const Number factor = Math::MulAdd(signed_size, bend, two);
      // q * s is u * v, and one more q is either.
      return tail.Times(four * v * q / (d * d) * factor);
    }

   private:
    // exp(-kFar) times it is 0 in every dtype.
    static constexpr double kFar = 1500;
  };

  static constexpr LargestErrors kLargestErrors = {{3.7, 5.4}, {3.7, 5.4}, {1.3, 1.3}};

  // Around the roots of the derivatives no relative error can be promised: there it is in ULPs of numbers of this size.
  static double UlpFloor(Order order, double x) {
    const bool is_near_root = (order == Order::kDerivative && x >= -2 && x <= -0.7) ||
                              (order == Order::kSecondDerivative && ((x > -3 && x < -1.5) || (x > 1 && x < 2)));
    return is_near_root ? 0x1p-4 : 0;
  }

  template <class Real>
  static Exact<Real> Definition(Real x, Real) {
    const Real zero(0), one(1), two(2), four(4);
    if (IsInf(x)) return {x > zero ? x : CopySign(zero, x), x > zero ? one : zero, zero};
    const Real power = Exp(-Abs(x)), sum = one + power, small = power / sum, large = one / sum;
    const Real s = x > zero ? large : small, q = x > zero ? small : large, d = one + q * q;
    const Real tanh = s * (one + q) / d, slope = four * q * q * s / (d * d);
    return {x * tanh, tanh + x * slope, slope * (two + x * (q - two * tanh * s))};
  }
};

}  // namespace tfcustomact
