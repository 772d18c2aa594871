// float64 lanes for float32 (and narrower) arrays: no tail is out of reach, and the result is rounded to float32 once.
//
// Lane type float64, exponential of relative error 2^-34. Largest error of a float32 result over all 2^32 inputs: 0.51
// ULP for values and slopes, around the root of Swish's slope too (tests/kernels/float32_sweep.cc repeats the number).
#pragma once

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

struct Wide {
  using D = hn::ScalableTag<double>;
  using Number = hn::Vec<D>;
  using Input = Number;
  using Mask = hn::Mask<D>;

  struct Coefficient {
    explicit Coefficient(double c) : value(Constant(c)) {}
    Number value;
  };

  // NaN stays NaN: on x86 Min and Max give their second operand where one is NaN, but on NEON the number.
  static HWY_INLINE Number Between(double low, double high, Number x) {
    const D d;
    const Number bounded = hn::Max(hn::Set(d, low), hn::Min(hn::Set(d, high), x));
    return HWY_ARCH_X86 ? bounded : hn::IfThenElse(hn::IsNaN(x), x, bounded);
  }

  // Infinities become 1e40, which is an infinity again once rounded to float32, and never meets 0 * inf on the way.
  template <class V>
  static HWY_INLINE Number FromFloat(V x) {
    return Between(-1e40, 1e40, hn::PromoteTo(D(), x));
  }

  static HWY_INLINE Number Constant(double c) { return hn::Set(D(), c); }
  static HWY_INLINE Number MulAdd(Number a, Number b, Number c) { return hn::MulAdd(a, b, c); }
  static HWY_INLINE Mask Less(Number a, Number b) { return hn::Lt(a, b); }
  static HWY_INLINE Number Where(Mask mask, Number yes, Number no) { return hn::IfThenElse(mask, yes, no); }
  static HWY_INLINE Number Scale(const Coefficient& c, Number x) { return c.value * x; }

  // exp(t) = scale * (1 + r * q) as in narrow.h; q is a minimax polynomial with float64 coefficients. NaN stays NaN.
  struct Power {
    HWY_INLINE explicit Power(Number t) {
      const D d;
      const hn::RebindToSigned<D> di;
      const Number y = Between(-1000, 1000, t * Constant(1.4426950408889634));
      const Number magic = Constant(6755399441055744.0);  // 1.5 * 2^52
      const Number shifted = y + magic;
      r = y - (shifted - magic);
      q = Constant(0x1.fe7bc1b102714p-17);
      q = hn::MulAdd(q, r, Constant(0x1.4455140b2842dp-13));
      q = hn::MulAdd(q, r, Constant(0x1.5d89c062c554fp-10));
      q = hn::MulAdd(q, r, Constant(0x1.3b29fec9d0529p-7));
      q = hn::MulAdd(q, r, Constant(0x1.c6b08c036209ep-5));
      q = hn::MulAdd(q, r, Constant(0x1.ebfbe067d6f12p-3));
      q = hn::MulAdd(q, r, Constant(0x1.62e42fefa39efp-1));
      const auto exponent = hn::Add(hn::ShiftLeft<52>(hn::BitCast(di, shifted)), hn::Set(di, int64_t{1023} << 52));
      scale = hn::BitCast(d, exponent);
    }

    HWY_INLINE Number Value() const { return hn::MulAdd(q, r * scale, scale); }
    HWY_INLINE Number MinusOne() const { return hn::MulAdd(q, r * scale, scale - Constant(1)); }

    Number scale, r, q;
  };

  static HWY_INLINE Number TimesExpm1(const Coefficient& c, Number x) { return c.value * Power(x).MinusOne(); }
  static HWY_INLINE Number TimesExp(const Coefficient& c, Number x) { return c.value * Power(x).Value(); }

  class Logistic {
   public:
    HWY_INLINE Logistic(const Coefficient& beta, Number x)
        : argument_(beta.value * x),
          power_(Power(hn::Neg(argument_)).Value()),
          sigmoid_(Constant(1) / (Constant(1) + power_)) {}

    HWY_INLINE Number Argument() const { return argument_; }
    HWY_INLINE Number Complement() const { return power_ * sigmoid_; }
    HWY_INLINE Number Times(Number y) const { return y * sigmoid_; }

   private:
    Number argument_, power_, sigmoid_;
  };
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
