// float32 numbers: the fast model, for arguments whose exponential is a normal float32.
//
// Lane type float32, with fused multiply-add. Largest errors over all float32 inputs, for the default parameters
// (tests/kernels/float32_sweep.cc repeats the numbers): Swish 1.81 ULP, its slope 1.99 (around its root in ULPs of
// 2^-4), ELU 1.27, its slope 0.99. Outside the reach of a formula the result is undefined: the loop sends such elements
// to wide.h.
#pragma once

#include "csrc/formulas/macros.h"

namespace tfcustomact {

// `Lanes` is one float, or many that go through the same operations.
template <class Lanes>
class Single {
 public:
  using Number = Lanes;
  using Input = Number;
  using Mask = typename Lanes::Mask;

 private:
  static constexpr double kLog2E = 1.4426950408889634;

  // exp(c * x) is 2^(c * log2(e) * x): the constant is carried in two parts, so that no ULP is lost to its rounding.
  struct Exponent {
    explicit Exponent(double c)
        : high(Constant(c * kLog2E)), low(Constant(c * kLog2E - static_cast<float>(c * kLog2E))) {}
    Number high, low;
  };

  // An exponential as scale * (1 + r * q), with scale = 2^n.
  struct Power {
    // exp(c * x) = 2^(n + r), |r| <= 1/2; q = (2^r - 1) / r to a relative 2^-28.
    TFCUSTOMACT_FUNCTION static Power OfProduct(const Exponent& c, Number x) {
      const Number shifted = MulAdd(x, c.high, Magic());
      const Number r = MulAdd(x, c.low, Lanes::MulSub(x, c.high, shifted - Magic()));
      const double terms[] = {0x1.416b52p-13, 0x1.5f082ep-10, 0x1.3b2de0p-7,
                              0x1.c6af7cp-5,  0x1.ebfbdcp-3,  0x1.62e430p-1};
      return {Lanes::PowerOfTwo(shifted), r, Polynomial(terms, r)};
    }

    // exp(x) = 2^n * exp(r), |r| <= log(2) / 2; q = (exp(r) - 1) / r to a relative 2^-28. Where n = 0, r is x itself.
    TFCUSTOMACT_FUNCTION static Power Of(Number x) {
      const Number shifted = MulAdd(x, Constant(kLog2E), Magic());
      const Number n = shifted - Magic();
      // log(2) in two parts, the first of 10 bits, so that n times it is exact.
      const Number r = MulAdd(n, Constant(0x1.bd0106p-13), MulAdd(n, Constant(-0x1.63p-1), x));
      const double terms[] = {0x1.6a4d60p-10, 0x1.12398ep-7, 0x1.5558b0p-5, 0x1.555492p-3, 0x1.fffffcp-2, 1.0};
      return {Lanes::PowerOfTwo(shifted), r, Polynomial(terms, r)};
    }

    // y * scale * (1 + r * q)
    TFCUSTOMACT_FUNCTION Number Times(Number y) const {
      const Number scaled = y * scale;
      return MulAdd(q, r * scaled, scaled);
    }

    Number scale, r, q;

   private:
    // Adding 1.5 * 2^23 rounds to an integer.
    TFCUSTOMACT_FUNCTION static Number Magic() { return Constant(12582912.0); }

    // Minimax polynomials, fitted with float32 coefficients, highest power first.
    TFCUSTOMACT_FUNCTION static Number Polynomial(const double (&terms)[6], Number r) {
      Number q = Constant(terms[0]);
      for (int i = 1; i < 6; ++i) q = MulAdd(q, r, Constant(terms[i]));
      return q;
    }
  };

 public:
  struct Coefficient {
    explicit Coefficient(double c) : value(Constant(c)), minus(-c), falling(c < 0 ? c : -c) {}
    Number value;
    Exponent minus, falling;
  };

  // exp(y) and exp(-y) are normal numbers for |y| <= kLongest.
  static constexpr double kLongest = 87.0;

  // Whether both parts of the constant are normal numbers.
  static bool Carries(float c) { return (c > 1e-30f && c < 1e30f) || (c < -1e-30f && c > -1e30f); }

  TFCUSTOMACT_FUNCTION static Number Constant(double c) { return Lanes::Constant(c); }
  TFCUSTOMACT_FUNCTION static Number MulAdd(Number a, Number b, Number c) { return Lanes::MulAdd(a, b, c); }
  TFCUSTOMACT_FUNCTION static Mask Less(Number a, Number b) { return Lanes::Less(a, b); }
  TFCUSTOMACT_FUNCTION static Number Where(Mask mask, Number yes, Number no) { return Lanes::Where(mask, yes, no); }

  TFCUSTOMACT_FUNCTION static Number Scale(const Coefficient& c, Number x) { return c.value * x; }

  TFCUSTOMACT_FUNCTION static Number TimesExp(const Coefficient& c, Number x) { return Power::Of(x).Times(c.value); }

  // Below -87, exp(x) - 1 is -1 as well as at -87.
  TFCUSTOMACT_FUNCTION static Number TimesExpm1(const Coefficient& c, Number x) {
    const Power power = Power::Of(Lanes::AtLeast(-87, x));
    const Number scale = c.value * power.scale;
    // Subtracting c - scale instead of adding its negative keeps the sign of a product that underflows.
    return Lanes::MulSub(power.q, power.r * scale, c.value - scale);
  }

  // sigmoid(-|beta * x|) = e / (1 + e), with the error of its rounding
  class Tail {
   public:
    TFCUSTOMACT_FUNCTION Tail(const Coefficient& beta, Number x) : argument_(beta.value * x) {
      const Power power = Power::OfProduct(beta.falling, Lanes::Abs(x));
      const Number one = Constant(1), part = power.r * power.scale;
      const Number e = MulAdd(power.q, part, power.scale), e_lost = MulAdd(power.q, part, power.scale - e);
      const Number sum = one + e, sum_lost = e - (sum - one);
      value_ = e / sum;
      const Number complement = one - value_;
      const Number rest = Lanes::NegMulAdd(value_, sum_lost, Lanes::NegMulAdd(value_, sum, e));
      error_ = MulAdd(e_lost, complement, rest) * complement;
    }

    TFCUSTOMACT_FUNCTION Mask IsRight() const { return Less(Constant(0), argument_); }
    TFCUSTOMACT_FUNCTION Number Size() const { return Lanes::Abs(argument_); }
    TFCUSTOMACT_FUNCTION Number Value() const { return value_; }
    TFCUSTOMACT_FUNCTION Number Times(Number y) const { return Times(y, y); }
    // y * Value(), where `by_value` is the derivative of that product by Value().
    TFCUSTOMACT_FUNCTION Number Times(Number y, Number by_value) const { return MulAdd(value_, y, error_ * by_value); }

   private:
    Number argument_, value_, error_;
  };

  // x / (1 + exp(-beta * x)). 1 + scale is exact but near scale = 2^24: what it loses there goes into the small term.
  TFCUSTOMACT_FUNCTION static Number TimesSigmoid(const Coefficient& beta, Number x) {
    const Power power = Power::OfProduct(beta.minus, x);
    const Number one = Constant(1), sum = power.scale + one, lost = one - (sum - power.scale);
    return x / MulAdd(power.q, MulAdd(power.r, power.scale, lost), sum);
  }
};

}  // namespace tfcustomact
