// The lanes of one SIMD vector, as csrc/passes/contracts.h describes them.
#pragma once

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
struct Lanes {
  using T = hn::TFromD<D>;
  using V = hn::Vec<D>;
  static constexpr bool kHasFma = HWY_NATIVE_FMA;
  // Whether an operation may leave out lanes: AVX-512.
  static constexpr bool kHasMaskedOperations = HWY_TARGET <= HWY_AVX3;

  struct Mask {
    hn::Mask<D> m;
  };

  // Copied member by member: GCC copies aggregates of vectors through general registers.
  Lanes() = default;
  HWY_INLINE Lanes(V value) : v(value) {}  // NOLINT: a vector is lanes
  HWY_INLINE Lanes(const Lanes& other) : v(other.v) {}
  HWY_INLINE Lanes& operator=(const Lanes& other) {
    v = other.v;
    return *this;
  }

  V v;

  static HWY_INLINE Lanes Constant(double c) { return {hn::Set(D(), static_cast<T>(c))}; }

  friend HWY_INLINE Lanes operator+(Lanes a, Lanes b) { return {hn::Add(a.v, b.v)}; }
  friend HWY_INLINE Lanes operator-(Lanes a, Lanes b) { return {hn::Sub(a.v, b.v)}; }
  friend HWY_INLINE Lanes operator*(Lanes a, Lanes b) { return {hn::Mul(a.v, b.v)}; }
  friend HWY_INLINE Lanes operator/(Lanes a, Lanes b) { return {hn::Div(a.v, b.v)}; }
  friend HWY_INLINE Lanes operator-(Lanes a) { return {hn::Neg(a.v)}; }

  // a * b + c, a * b - c and c - a * b, rounded once if kHasFma.
  static HWY_INLINE Lanes MulAdd(Lanes a, Lanes b, Lanes c) { return {hn::MulAdd(a.v, b.v, c.v)}; }
  static HWY_INLINE Lanes MulSub(Lanes a, Lanes b, Lanes c) { return {hn::MulSub(a.v, b.v, c.v)}; }
  static HWY_INLINE Lanes NegMulAdd(Lanes a, Lanes b, Lanes c) { return {hn::NegMulAdd(a.v, b.v, c.v)}; }

  static HWY_INLINE Lanes Inverse(Lanes a) { return Constant(1) / a; }
  // Exact to 8 bits or more.
  static HWY_INLINE Lanes Reciprocal(Lanes a) { return {hn::ApproximateReciprocal(a.v)}; }

  static HWY_INLINE Lanes Abs(Lanes a) { return {hn::Abs(a.v)}; }
  // The sign bit of `size` is clear, or that of `sign` already.
  static HWY_INLINE Lanes CopySign(Lanes size, Lanes sign) { return {hn::CopySignToAbs(size.v, sign.v)}; }

  static HWY_INLINE Mask Less(Lanes a, Lanes b) { return {hn::Lt(a.v, b.v)}; }
  static HWY_INLINE Mask And(Mask a, Mask b) { return {hn::And(a.m, b.m)}; }
  static HWY_INLINE bool All(Mask a) { return hn::AllTrue(D(), a.m); }
  static HWY_INLINE Mask IsFinite(Lanes a) { return {hn::IsFinite(a.v)}; }
  static HWY_INLINE Mask IsInf(Lanes a) { return {hn::IsInf(a.v)}; }
  static HWY_INLINE Lanes Where(Mask mask, Lanes yes, Lanes no) { return {hn::IfThenElse(mask.m, yes.v, no.v)}; }

  // Unspecified for NaN.
  static HWY_INLINE Lanes Max(double low, Lanes a) { return {hn::Max(a.v, Constant(low).v)}; }

  // NaN stays NaN: where one operand is NaN, Min and Max return the second on x86, but the number on NEON.
  static HWY_INLINE Lanes Clamp(double low, double high, Lanes a) {
    const V bounded = hn::Max(Constant(low).v, hn::Min(Constant(high).v, a.v));
    return {HWY_ARCH_X86 ? bounded : hn::IfThenElse(hn::IsNaN(a.v), a.v, bounded)};
  }

  // 2^n, where the low bits of `biased` hold n plus the exponent bias.
  static HWY_INLINE Lanes PowerOfTwo(Lanes biased) {
    return {hn::BitCast(D(), hn::ShiftLeft<hwy::MantissaBits<T>()>(hn::BitCast(hn::RebindToSigned<D>(), biased.v)))};
  }

  // a * 2^n, where the low bits of `shifted` hold n. Both a and the result are normal numbers, or n = 0.
  static HWY_INLINE Lanes TimesPowerOfTwo(Lanes a, Lanes shifted) {
    const hn::RebindToSigned<D> di;
    const auto exponent = hn::ShiftLeft<hwy::MantissaBits<T>()>(hn::BitCast(di, shifted.v));
    return {hn::BitCast(D(), hn::Add(hn::BitCast(di, a.v), exponent))};
  }

  // Float64 lanes without their lower 27 bits.
  static HWY_INLINE Lanes UpperBits(Lanes a) {
    const hn::RebindToUnsigned<D> du;
    return {hn::BitCast(D(), hn::And(hn::BitCast(du, a.v), hn::Set(du, ~((uint64_t{1} << 27) - 1))))};
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
