// Lanes each of whose operations can be broken.
#pragma once

#include "hwy/highway.h"

#define Lanes SoundLanes
#include_next "csrc/cpu/lanes.h"
#undef Lanes

#include "tests/breaks/switch.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

template <class D>
struct Lanes {
  using Sound = SoundLanes<D>;
  using T = typename Sound::T;
  using V = typename Sound::V;
  using Mask = typename Sound::Mask;
  using Operation = breaks::Operation;
  static constexpr bool kHasFma = Sound::kHasFma;
  static constexpr bool kHasMaskedOperations = Sound::kHasMaskedOperations;

  Lanes() = default;
  // Of what is read.
  HWY_INLINE Lanes(V value) : v(value) { breaks::VectorIsRead(); }
  HWY_INLINE Lanes(Sound sound) : v(sound.v) {}
  HWY_INLINE Lanes(const Lanes& other) : v(other.v) {}
  HWY_INLINE Lanes& operator=(const Lanes& other) {
    v = other.v;
    return *this;
  }

  V v;

  static HWY_INLINE Lanes Constant(double c) {
    const int variant = breaks::VariantOf(Operation::kConstant);
    return Sound::Constant(variant == 0 ? c : variant == 1 ? c * (1 + 0x1p-12) : 0);
  }

  friend HWY_INLINE Lanes operator+(Lanes a, Lanes b) { return Chosen(Operation::kAdd, Sound(a.v) + Sound(b.v), a, b); }
  friend HWY_INLINE Lanes operator-(Lanes a, Lanes b) {
    return Chosen(Operation::kSubtract, Sound(a.v) - Sound(b.v), a, -Sound(b.v));
  }
  friend HWY_INLINE Lanes operator*(Lanes a, Lanes b) {
    return Chosen(Operation::kMultiply, Sound(a.v) * Sound(b.v), a, b);
  }
  friend HWY_INLINE Lanes operator/(Lanes a, Lanes b) {
    const int variant = breaks::VariantOf(Operation::kDivide);
    if (variant == 1) return Sound(a.v) * Sound::Reciprocal(b.v);
    return variant == 0 ? Lanes(Sound(a.v) / Sound(b.v)) : a;
  }
  static HWY_INLINE Lanes Inverse(Lanes a) { return Constant(1) / a; }
  friend HWY_INLINE Lanes operator-(Lanes a) { return Chosen(Operation::kNegate, -Sound(a.v), a, a); }

  static HWY_INLINE Lanes MulAdd(Lanes a, Lanes b, Lanes c) {
    return Fused(Operation::kMulAdd, Sound::MulAdd(a.v, b.v, c.v), Sound(a.v) * Sound(b.v), c);
  }
  static HWY_INLINE Lanes MulSub(Lanes a, Lanes b, Lanes c) {
    return Fused(Operation::kMulSub, Sound::MulSub(a.v, b.v, c.v), Sound(a.v) * Sound(b.v), -Sound(c.v));
  }
  static HWY_INLINE Lanes NegMulAdd(Lanes a, Lanes b, Lanes c) {
    return Fused(Operation::kNegMulAdd, Sound::NegMulAdd(a.v, b.v, c.v), -(Sound(a.v) * Sound(b.v)), c);
  }

  static HWY_INLINE Lanes Reciprocal(Lanes a) {
    return Chosen(Operation::kReciprocal, Sound::Reciprocal(a.v), Sound::Constant(0), a);
  }
  static HWY_INLINE Lanes Abs(Lanes a) { return Chosen(Operation::kAbs, Sound::Abs(a.v), a, -Sound(a.v)); }
  static HWY_INLINE Lanes CopySign(Lanes size, Lanes sign) {
    return Chosen(Operation::kCopySign, Sound::CopySign(size.v, sign.v), size,
                  Sound::CopySign(size.v, (-Sound(sign.v)).v));
  }

  static HWY_INLINE Mask Less(Lanes a, Lanes b) {
    const int variant = breaks::VariantOf(Operation::kLess);
    if (variant == 1) return {hn::Not(hn::Lt(a.v, b.v))};
    if (variant == 2) return {hn::Le(a.v, b.v)};
    return Chosen(variant - 2, Sound::Less(a.v, b.v));
  }
  static HWY_INLINE Mask And(Mask a, Mask b) { return Sound::And(a, b); }
  static HWY_INLINE bool All(Mask a) { return Sound::All(a); }
  static HWY_INLINE Mask IsFinite(Lanes a) {
    return Chosen(breaks::VariantOf(Operation::kIsFinite), Sound::IsFinite(a.v));
  }
  static HWY_INLINE Mask IsInf(Lanes a) { return Chosen(breaks::VariantOf(Operation::kIsInf), Sound::IsInf(a.v)); }
  static HWY_INLINE Lanes Where(Mask mask, Lanes yes, Lanes no) {
    return Chosen(Operation::kWhere, Sound::Where(mask, yes.v, no.v), yes, no);
  }

  static HWY_INLINE Lanes Max(double low, Lanes a) {
    return Chosen(Operation::kMax, Sound::Max(low, a.v), a, Sound::Constant(low));
  }
  static HWY_INLINE Lanes Clamp(double low, double high, Lanes a) {
    const double infinity = __builtin_inf();
    const int variant = breaks::VariantOf(Operation::kClamp);
    return Sound::Clamp(variant == 1 ? -infinity : low, variant == 2 ? infinity : high, a.v);
  }

  static HWY_INLINE Lanes PowerOfTwo(Lanes biased) {
    const Sound power = Sound::PowerOfTwo(biased.v);
    return Chosen(Operation::kPowerOfTwo, power, power + power, Sound::Constant(1));
  }
  static HWY_INLINE Lanes TimesPowerOfTwo(Lanes a, Lanes shifted) {
    const Sound product = Sound::TimesPowerOfTwo(a.v, shifted.v);
    return Chosen(Operation::kTimesPowerOfTwo, product, product + product, a);
  }
  static HWY_INLINE Lanes UpperBits(Lanes a) {
    return Chosen(Operation::kUpperBits, Sound::UpperBits(a.v), a, Sound::Constant(0));
  }

 private:
  static HWY_INLINE Lanes Chosen(Operation operation, Lanes sound, Lanes one, Lanes another) {
    const int variant = breaks::VariantOf(operation);
    return variant == 0 ? sound : variant == 1 ? one : another;
  }

  static HWY_INLINE Lanes Fused(Operation operation, Lanes sound, Lanes product, Lanes summand) {
    const int variant = breaks::VariantOf(operation);
    if (variant == 1) return Sound(product.v) + Sound(summand.v);
    return variant == 0 ? sound : variant == 2 ? product : summand;
  }

  static HWY_INLINE Mask Chosen(int variant, Mask sound) {
    const V zero = hn::Zero(D());
    return variant <= 0 ? sound : Mask{variant == 1 ? hn::Eq(zero, zero) : hn::Ne(zero, zero)};
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
