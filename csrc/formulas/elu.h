// ELU: elu(x) = x if x > 0 else alpha * (exp(x) - 1).
// Clevert, Unterthiner, Hochreiter: "Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs)",
// 2015, arXiv:1511.07289.
//
// Special values: elu(+-0) = +-0 for every alpha, elu(+inf) = +inf, elu(-inf) = -alpha, elu'(-inf) = 0,
// elu'(+-0) = elu''(+-0) = alpha (the derivatives from the left). NaN gives NaN.
#pragma once

#include <limits>

#include "csrc/formulas/macros.h"

namespace tfcustomact {

// `Math` is a number model. TimesExp(alpha, x) = alpha * exp(x) and TimesExpm1(alpha, x) = alpha * (exp(x) - 1) are
// asked for x <= 0 only: elsewhere they may return anything.
template <class Math>
struct Elu {
  using Number = typename Math::Number;
  using Input = typename Math::Input;
  using Coefficient = typename Math::Coefficient;

  static constexpr bool kScalesX = false, kSlopeIsOfTail = false;

  // The largest |x| that a fast model serves. Expm1 is -1 in the tail, whatever x is.
  static constexpr double ValueReach(double) { return std::numeric_limits<double>::infinity(); }
  static constexpr double SlopeReach(double) { return Math::kLongest; }

  TFCUSTOMACT_FUNCTION static Number Value(const Input& x, const Coefficient& alpha) {
    return Math::Where(Math::Less(x, Math::Constant(0)), Math::TimesExpm1(alpha, x), x);
  }

  TFCUSTOMACT_FUNCTION static Number Slope(const Input& x, const Coefficient& alpha) {
    return Math::Where(Math::Less(Math::Constant(0), x), Math::Constant(1), Math::TimesExp(alpha, x));
  }

  TFCUSTOMACT_FUNCTION static Number Curvature(const Input& x, const Coefficient& alpha) {
    return Math::Where(Math::Less(Math::Constant(0), x), Math::Constant(0), Math::TimesExp(alpha, x));
  }
};

}  // namespace tfcustomact
