// Slopes of float32 arrays: the exponential's polynomial in float32 lanes, what may cancel in float64 lanes.
//
// Lane type float32 in, float64 within; the reach and the exponential of narrow.h. Largest errors over all float32
// inputs, for the default parameters (tests/kernels/float32_sweep.cc repeats the numbers): Swish's slope 1.43 ULP
// (around its root in ULPs of 2^-4), ELU's 1.14 ULP.
#pragma once

#include "csrc/cpu/narrow.h"
#include "csrc/cpu/two.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

struct Mixed {
  using D = hn::ScalableTag<double>;
  using Half = Two<D>;  // the numbers of one vector of floats
  using Floats = Narrow::Number;

  struct Mask {
    Half::Mask first, second;
  };

  struct Number {
    Half first, second;

    friend HWY_INLINE Number operator+(Number a, Number b) { return {a.first + b.first, a.second + b.second}; }
    friend HWY_INLINE Number operator*(Number a, Number b) { return {a.first * b.first, a.second * b.second}; }
    friend HWY_INLINE Number operator/(Number a, Number b) { return {a.first / b.first, a.second / b.second}; }
  };

  struct Input {
    Floats floats;
  };

  struct Coefficient {
    explicit Coefficient(double c) : narrow(c), wide(Constant(c)) {}
    Narrow::Coefficient narrow;
    Number wide;
  };

  static HWY_INLINE Input FromFloats(Floats x) { return {x}; }
  static HWY_INLINE Floats ToFloats(Number x) { return {Demoted(x.first), Demoted(x.second)}; }
  static HWY_INLINE Number Constant(double c) { return {Half::Constant(c), Half::Constant(c)}; }
  static HWY_INLINE Number MulAdd(Number a, Number b, Number c) {
    return {Half::MulAdd(a.first, b.first, c.first), Half::MulAdd(a.second, b.second, c.second)};
  }
  static HWY_INLINE Mask Less(Number a, const Input& b) {
    const Number wide = Promoted(b.floats);
    return {Half::Less(a.first, wide.first), Half::Less(a.second, wide.second)};
  }
  static HWY_INLINE Number Where(Mask mask, Number yes, Number no) {
    return {Half::Where(mask.first, yes.first, no.first), Half::Where(mask.second, yes.second, no.second)};
  }

  static HWY_INLINE Number TimesExp(const Coefficient& c, const Input& x) {
    return c.wide * Widened(Narrow::Power::Of(x.floats));
  }

  class Logistic {
   public:
    HWY_INLINE Logistic(const Coefficient& beta, const Input& x)
        : argument_(beta.wide * Promoted(x.floats)),
          power_(Widened(Narrow::Power::OfProduct(-beta.narrow, x.floats))),
          sigmoid_(Constant(1) / (Constant(1) + power_)) {}

    HWY_INLINE Number Argument() const { return argument_; }
    HWY_INLINE Number Complement() const { return power_ * sigmoid_; }
    HWY_INLINE Number Times(Number y) const { return y * sigmoid_; }

   private:
    Number argument_, power_, sigmoid_;
  };

 private:
  using Vector = hn::Vec<Narrow::D>;

  static HWY_INLINE Half Promoted(Vector x) { return {hn::PromoteLowerTo(D(), x), hn::PromoteUpperTo(D(), x)}; }
  static HWY_INLINE Number Promoted(Floats x) { return {Promoted(x.first), Promoted(x.second)}; }

  static HWY_INLINE Vector Demoted(Half x) {
    const hn::Half<Narrow::D> half;
    return hn::Combine(Narrow::D(), hn::DemoteTo(half, x.second), hn::DemoteTo(half, x.first));
  }

  static HWY_INLINE Number Widened(const Narrow::Power& power) {
    const Number fraction = Promoted(power.r * power.q);
    const Number scale = {PowersOfTwo(power.shifted.first), PowersOfTwo(power.shifted.second)};
    return MulAdd(fraction, scale, scale);
  }

  // 2^n, where n stands in the low 12 bits.
  static HWY_INLINE Half PowersOfTwo(Vector shifted) {
    const hn::RebindToSigned<D> di;
    const auto n = hn::BitCast(hn::RebindToSigned<Narrow::D>(), shifted);
    const auto bias = hn::Set(di, int64_t{1023} << 52);
    return {hn::BitCast(D(), hn::Add(hn::ShiftLeft<52>(hn::PromoteLowerTo(di, n)), bias)),
            hn::BitCast(D(), hn::Add(hn::ShiftLeft<52>(hn::PromoteUpperTo(di, n)), bias))};
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
