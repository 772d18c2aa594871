// Numbers of one lane each: the fast model, for arguments whose exponential is a normal number of the lane's type.
//
// Lane type float32 (float64 with the constants of csrc/cuda/float64.h), with fused multiply-add. Largest errors over
// all float32 inputs, for the default parameters (tests/kernels/float32_sweep.cc repeats the numbers): Swish 1.81 ULP,
// its slope 1.84 (around its root in ULPs of 2^-4), ELU 1.27, its slope 0.91. Outside the reach of a formula the result
// is undefined: the loop sends such elements to wide.h.
#pragma once

#include "csrc/formulas/macros.h"

namespace tfcustomact {

// Minimax polynomials are fitted with coefficients of the lane's type, highest power first.
template <int kTerms, class Lanes>
TFCUSTOMACT_FUNCTION Lanes Polynomial(const double (&terms)[kTerms], Lanes r) {
  Lanes q = Lanes::Constant(terms[0]);
  for (int i = 1; i < kTerms; ++i) q = Lanes::MulAdd(q, r, Lanes::Constant(terms[i]));
  return q;
}

// What an exponential of float32 numbers needs.
struct Float32Constants {
  // Adding it rounds to an integer: 1.5 * 2^23.
  static constexpr double kRounder = 12582912.0;

  // exp(y) and exp(-y) are normal numbers for |y| <= kLongest; so are both parts of the constant of a product for
  // coefficients of a size between kLeast and kMost.
  static constexpr double kLongest = 87.0, kLeast = 1e-30f, kMost = 1e30f;

  // c * log2(e) in two parts.
  static double High(double c) { return static_cast<float>(c * kLog2E); }
  static double Low(double c) { return c * kLog2E - High(c); }
  static constexpr double kLog2E = 1.4426950408889634;

  // log(2) in two parts, the first of 10 bits, so that an exponent times it is exact.
  static constexpr double kLog2High = 0x1.63p-1, kLog2Low = -0x1.bd0106p-13;

  // (2^r - 1) / r for |r| <= 1/2, to a relative 2^-28.
  template <class Lanes>
  static TFCUSTOMACT_FUNCTION Lanes PowerOf2(Lanes r) {
    const double terms[] = {0x1.416b52p-13, 0x1.5f082ep-10, 0x1.3b2de0p-7, 0x1.c6af7cp-5, 0x1.ebfbdcp-3, 0x1.62e430p-1};
    return Polynomial(terms, r);
  }

  // (exp(r) - 1) / r for |r| <= log(2) / 2, to a relative 2^-28.
  template <class Lanes>
  static TFCUSTOMACT_FUNCTION Lanes PowerOfE(Lanes r) {
    const double terms[] = {0x1.6a4d60p-10, 0x1.12398ep-7, 0x1.5558b0p-5, 0x1.555492p-3, 0x1.fffffcp-2, 1.0};
    return Polynomial(terms, r);
  }
};

// `Lanes` is one number, or many that go through the same operations.
template <class Lanes, class Constants = Float32Constants>
class Single {
 public:
  using Number = Lanes;
  using Input = Number;
  using Mask = typename Lanes::Mask;

 private:
  // exp(c * x) is 2^(c * log2(e) * x): the constant is carried in two parts, so that no ULP is lost to its rounding.
  struct Exponent {
    explicit Exponent(double c) : high(Constant(Constants::High(c))), low(Constant(Constants::Low(c))) {}
    Number high, low;
  };

  // An exponential as scale * (1 + r * q), with scale = 2^n.
  struct Power {
    // exp(c * x) = 2^(n + r), |r| <= 1/2.
    TFCUSTOMACT_FUNCTION static Power OfProduct(const Exponent& c, Number x) {
      const Number rounder = Constant(Constants::kRounder), shifted = MulAdd(x, c.high, rounder);
      const Number r = MulAdd(x, c.low, Lanes::MulSub(x, c.high, shifted - rounder));
      return {Lanes::PowerOfTwo(shifted), r, Constants::PowerOf2(r)};
    }

    // exp(x) = 2^n * exp(r), |r| <= log(2) / 2. Where n = 0, r is x itself.
    TFCUSTOMACT_FUNCTION static Power Of(Number x) {
      const Number rounder = Constant(Constants::kRounder), shifted = MulAdd(x, Constant(Constants::kLog2E), rounder);
      const Number n = shifted - rounder;
      const Number r = MulAdd(n, Constant(-Constants::kLog2Low), MulAdd(n, Constant(-Constants::kLog2High), x));
      return {Lanes::PowerOfTwo(shifted), r, Constants::PowerOfE(r)};
    }

    // The scale comes last: r * scale may be subnormal where the power is not.
    TFCUSTOMACT_FUNCTION Number Value() const { return MulAdd(q, r, Constant(1)) * scale; }

    Number scale, r, q;
  };

 public:
  struct Coefficient {
    explicit Coefficient(double c) : value(Constant(c)), minus(-c), falling(c < 0 ? c : -c) {}
    Number value;
    Exponent minus, falling;
  };

  static constexpr double kLongest = Constants::kLongest;

  // Whether the model serves a coefficient.
  static bool Carries(double c) {
    const double size = c < 0 ? -c : c;
    return size > Constants::kLeast && size < Constants::kMost;
  }

  TFCUSTOMACT_FUNCTION static Number Constant(double c) { return Lanes::Constant(c); }
  TFCUSTOMACT_FUNCTION static Number MulAdd(Number a, Number b, Number c) { return Lanes::MulAdd(a, b, c); }
  TFCUSTOMACT_FUNCTION static Mask Less(Number a, Number b) { return Lanes::Less(a, b); }
  TFCUSTOMACT_FUNCTION static Number Where(Mask mask, Number yes, Number no) { return Lanes::Where(mask, yes, no); }

  TFCUSTOMACT_FUNCTION static Number Scale(const Coefficient& c, Number x) { return c.value * x; }

  TFCUSTOMACT_FUNCTION static Number TimesExp(const Coefficient& c, Number x) { return c.value * Power::Of(x).Value(); }

  // Below -kLongest, exp(x) - 1 is -1 as well as there.
  TFCUSTOMACT_FUNCTION static Number TimesExpm1(const Coefficient& c, Number x) {
    const Power power = Power::Of(Lanes::AtLeast(-kLongest, x));
    const Number scale = c.value * power.scale, part = power.r * scale,
                 part_error = Lanes::MulSub(power.r, scale, part);
    // Subtracting c - scale instead of adding its negative keeps the sign of a product that underflows.
    return Lanes::MulSub(power.q, part, Lanes::NegMulAdd(power.q, part_error, c.value - scale));
  }

  // sigmoid(-|beta * x|) = e / (1 + e), with the errors of its rounding and of the product's
  class Tail {
   public:
    TFCUSTOMACT_FUNCTION Tail(const Coefficient& beta, Number x) : argument_(beta.value * x) {
      size_error_ = Lanes::MulSub(Lanes::Abs(beta.value), Lanes::Abs(x), Size());
      const Power power = Power::OfProduct(beta.falling, Lanes::Abs(x));
      const Number one = Constant(1), fraction = MulAdd(power.q, power.r, one);
      const Number e = fraction * power.scale, e_lost = MulAdd(power.q, power.r, one - fraction) * power.scale;
      const Number sum = one + e, sum_lost = e - (sum - one);
      value_ = e / sum;
      const Number complement = one - value_;
      const Number rest = Lanes::NegMulAdd(value_, sum_lost, Lanes::NegMulAdd(value_, sum, e));
      error_ = MulAdd(e_lost, complement, rest) * complement;
    }

    TFCUSTOMACT_FUNCTION Mask IsRight() const { return Less(Constant(0), argument_); }
    TFCUSTOMACT_FUNCTION Number Size() const { return Lanes::Abs(argument_); }
    TFCUSTOMACT_FUNCTION Number Value() const { return value_; }
    TFCUSTOMACT_FUNCTION Number Times(Number y) const { return MulAdd(value_, y, error_ * y); }
    TFCUSTOMACT_FUNCTION Number Times(Number y, Number by_value, Number by_size) const {
      return MulAdd(value_, y, MulAdd(error_, by_value, value_ * (size_error_ * by_size)));
    }

   private:
    Number argument_, size_error_, value_, error_;
  };

  // x / (1 + exp(-beta * x)). 1 + scale is exact but near where a lane's integers end: what it loses there goes into
  // the small term.
  TFCUSTOMACT_FUNCTION static Number TimesSigmoid(const Coefficient& beta, Number x) {
    const Power power = Power::OfProduct(beta.minus, x);
    const Number one = Constant(1), sum = power.scale + one, lost = one - (sum - power.scale);
    return x / MulAdd(power.q, MulAdd(power.r, power.scale, lost), sum);
  }
};

}  // namespace tfcustomact
