// The activations and their derivatives from their definitions, for the tests: `Real` has to be more precise than what
// is tested. No code is shared with the kernels.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "csrc/formulas/kinds.h"

namespace tfcustomact {

// Neither overflows nor cancels: with the smaller of sigmoid(t) and its complement, and the rounding error of t.
template <class Real>
Real ExactSwish(Order order, Real x, Real beta) {
  const Real t = beta * x, size = std::abs(t);
  if (std::isinf(x)) {
    if (order == Order::kValue) return beta == 0 ? x / 2 : t > 0 ? x : std::copysign(Real(0), x);
    if (order == Order::kSlope) return beta == 0 ? Real(0.5) : t > 0 ? 1 : 0;
    return 0;
  }
  const Real lost = size < 12000 ? std::copysign(Real(1), t) * std::fma(beta, x, -t) : 0;
  const Real power = std::exp(-size) * (1 - lost), sum = 1 + power, tail = power / sum;
  if (order == Order::kValue) return t > 0 ? x / sum : x * tail;
  if (order == Order::kSlope) {
    const Real left = tail * ((1 - size) - lost + size * tail);
    return t > 0 ? 1 - left : left;
  }
  return beta * tail / sum * (2 - size * (1 - power) / sum);
}

template <class Real>
Real ExactElu(Order order, Real x, Real alpha) {
  if (order == Order::kValue) return x < 0 ? alpha * std::expm1(x) : x;
  if (x > 0) return order == Order::kSlope ? 1 : 0;
  return alpha * std::exp(x);
}

template <class Real>
Real Exact(Activation activation, Order order, Real x, Real parameter) {
  return activation == Activation::kSwish ? ExactSwish(order, x, parameter) : ExactElu(order, x, parameter);
}

// The numbers of a dtype.
struct Format {
  int mantissa_bits, smallest_exponent, largest_exponent;

  // The distance of neighbours at `size`.
  template <class Real>
  Real Ulp(Real size) const {
    const int exponent = size == 0 ? smallest_exponent : std::max(std::ilogb(size), smallest_exponent);
    return std::ldexp(Real(1), exponent - mantissa_bits);
  }

  template <class Real>
  Real Round(Real a) const {
    if (!std::isfinite(a)) return a;
    const Real ulp = Ulp(a), rounded = std::nearbyint(a / ulp) * ulp;
    return std::abs(rounded) >= std::ldexp(Real(1), largest_exponent + 1) ? std::copysign(Real(INFINITY), a) : rounded;
  }
};

// |got - exact| in ULPs of the exact value, infinite where a special value or the sign of a zero value is wrong. Around
// the roots of Swish's derivatives no relative error can be promised: there it is in ULPs of 2^-4.
template <class Real>
Real Error(const Format& format, Activation activation, Order order, Real t, Real got, Real exact) {
  const Real rounded = format.Round(exact), wrong = std::numeric_limits<Real>::infinity();
  if (std::isnan(exact) || std::isnan(got)) return std::isnan(exact) == std::isnan(got) ? 0 : wrong;
  if (std::isinf(rounded) || std::isinf(got)) return rounded == got ? 0 : wrong;
  if (order == Order::kValue && got == 0 && std::signbit(got) != std::signbit(exact)) return wrong;
  const bool near_root =
      activation == Activation::kSwish && ((order == Order::kSlope && t >= Real(-2) && t <= Real(-0.8)) ||
                                           (order == Order::kCurvature && std::abs(t) > 2 && std::abs(t) < 3));
  return std::abs(got - exact) / format.Ulp(std::max(std::abs(rounded), near_root ? Real(0x1p-4) : Real(0)));
}

}  // namespace tfcustomact
