// float32 lanes: the fast number model, for arguments whose exponential is a normal float32.
//
// Lane type float32, with fused multiply-add. It serves values only; mixed.h serves the slopes. Largest errors over all
// float32 inputs, for the default parameters (tests/kernels/float32_sweep.cc repeats the numbers): Swish 1.81 ULP, ELU
// 1.27 ULP.
// Outside the reach of a formula the result is undefined: the loop sends such elements to wide.h.
#pragma once

#include "csrc/cpu/two.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

struct Narrow {
  using D = hn::ScalableTag<float>;
  using Number = Two<D>;
  using Input = Number;
  using Mask = Number::Mask;

  // exp(c * x) is 2^(c * log2(e) * x): the constant is carried in two parts, so that no ULP is lost to its rounding.
  struct Coefficient {
    explicit Coefficient(double c)
        : value(Constant(c)),
          log2e_high(Constant(c * kLog2E)),
          log2e_low(Constant(c * kLog2E - static_cast<float>(c * kLog2E))) {}

    HWY_INLINE Coefficient operator-() const {
      Coefficient negated = *this;
      negated.value = -value;
      negated.log2e_high = -log2e_high;
      negated.log2e_low = -log2e_low;
      return negated;
    }

    Number value, log2e_high, log2e_low;
  };

  // exp(y) and exp(-y) are normal numbers for |y| <= kLongest.
  static constexpr double kLongest = 87.0;

  // Whether both parts of the constant are normal numbers.
  static bool Carries(float c) { return (c > 1e-30f && c < 1e30f) || (c < -1e-30f && c > -1e30f); }

  static HWY_INLINE Number FromFloats(Number x) { return x; }
  static HWY_INLINE Number ToFloats(Number x) { return x; }
  static HWY_INLINE Number Constant(double c) { return Number::Constant(c); }
  static HWY_INLINE Number MulAdd(Number a, Number b, Number c) { return Number::MulAdd(a, b, c); }
  static HWY_INLINE Mask Less(Number a, Number b) { return Number::Less(a, b); }
  static HWY_INLINE Number Where(Mask mask, Number yes, Number no) { return Number::Where(mask, yes, no); }

  // An exponential as scale * (1 + r * q), with scale = 2^n.
  struct Power {
    // exp(c * x) = 2^(n + r), |r| <= 1/2; q = (2^r - 1) / r to a relative 2^-28.
    static HWY_INLINE Power OfProduct(const Coefficient& c, Number x) {
      const Number shifted = Number::MulAdd(x, c.log2e_high, Magic());
      const Number r = Number::MulAdd(x, c.log2e_low, MulSub(x, c.log2e_high, shifted - Magic()));
      static constexpr double kTerms[] = {0x1.416b52p-13, 0x1.5f082ep-10, 0x1.3b2de0p-7,
                                          0x1.c6af7cp-5,  0x1.ebfbdcp-3,  0x1.62e430p-1};
      return {shifted, r, Polynomial(kTerms, r)};
    }

    // exp(x) = 2^n * exp(r), |r| <= log(2) / 2; q = (exp(r) - 1) / r to a relative 2^-28. Where n = 0, r is x itself.
    static HWY_INLINE Power Of(Number x) {
      const Number shifted = Number::MulAdd(x, Constant(kLog2E), Magic());
      const Number n = shifted - Magic();
      // log(2) in two parts, the first of 10 bits, so that n times it is exact.
      const Number r = Number::MulAdd(n, Constant(0x1.bd0106p-13), Number::MulAdd(n, Constant(-0x1.63p-1), x));
      static constexpr double kTerms[] = {0x1.6a4d60p-10, 0x1.12398ep-7, 0x1.5558b0p-5,
                                          0x1.555492p-3,  0x1.fffffcp-2, 1.0};
      return {shifted, r, Polynomial(kTerms, r)};
    }

    HWY_INLINE Number Scale() const { return {PowerOfTwo(shifted.first), PowerOfTwo(shifted.second)}; }

    Number shifted, r, q;  // n stands in the low bits of `shifted`

   private:
    // Adding 1.5 * 2^23 rounds to an integer.
    static HWY_INLINE Number Magic() { return Constant(12582912.0); }

    // Minimax polynomials, fitted with float32 coefficients, highest power first.
    static HWY_INLINE Number Polynomial(const double (&terms)[6], Number r) {
      Number q = Constant(terms[0]);
      for (int i = 1; i < 6; ++i) q = Number::MulAdd(q, r, Constant(terms[i]));
      return q;
    }

    static HWY_INLINE hn::Vec<D> PowerOfTwo(hn::Vec<D> shifted) {
      const hn::RebindToSigned<D> di;
      return hn::BitCast(D(), hn::Add(hn::ShiftLeft<23>(hn::BitCast(di, shifted)), hn::Set(di, 127 << 23)));
    }
  };

  // Below -87, exp(x) - 1 is -1 as well as at -87.
  static HWY_INLINE Number TimesExpm1(const Coefficient& c, Number x) {
    const Power power = Power::Of(Max(Min(x, Constant(0)), Constant(-87)));
    const Number scale = c.value * power.Scale();
    // Subtracting c - scale instead of adding its negative keeps the sign of a product that underflows.
    return MulSub(power.q, power.r * scale, c.value - scale);
  }

  class Logistic {
   public:
    HWY_INLINE Logistic(const Coefficient& beta, Number x) : power_(Power::OfProduct(-beta, x)) {}

    // y / (1 + exp(-beta * x)). 1 + scale is exact but near scale = 2^24: what it loses there goes into the small term.
    HWY_INLINE Number Times(Number y) const {
      const Number one = Constant(1), scale = power_.Scale();
      const Number sum = scale + one;
      const Number lost = one - (sum - scale);
      return y / MulAdd(power_.q, MulAdd(power_.r, scale, lost), sum);
    }

   private:
    Power power_;
  };

 private:
  static constexpr double kLog2E = 1.4426950408889634;
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
