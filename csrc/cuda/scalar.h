// One float or double in the role of lanes (csrc/passes/contracts.h): what a CUDA thread computes with. The host
// compiles it too, so that the formulas of the CUDA kernels are tested without a GPU.
//
// Every operation is one of IEEE 754, on both (csrc/cuda is compiled with -fmad=false and keeps subnormal numbers),
// except Exp2, Reciprocal and the operator of division, which use the functions of `Approximate`.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "csrc/cuda/approximations.h"
#include "csrc/numbers/function.h"

namespace tfcustomact::cuda {

template <typename T, class Approximate = Approximations>
struct Scalar {
  using Mask = bool;
  static constexpr bool kHasFma = true, kHasMaskedOperations = false;

  T v;

  static constexpr TFCUSTOMACT_FUNCTION Scalar Constant(double c) { return {static_cast<T>(c)}; }

  friend TFCUSTOMACT_FUNCTION Scalar operator+(Scalar a, Scalar b) { return {a.v + b.v}; }
  friend TFCUSTOMACT_FUNCTION Scalar operator-(Scalar a, Scalar b) { return {a.v - b.v}; }
  friend TFCUSTOMACT_FUNCTION Scalar operator*(Scalar a, Scalar b) { return {a.v * b.v}; }
  friend TFCUSTOMACT_FUNCTION Scalar operator-(Scalar a) { return {-a.v}; }

  // For b from 2^-126 to 2^126, and finite a if they are floats. The error is that of a correct rounding and 2^-20 ULP,
  // or 1 ULP where the quotient is subnormal. IEEE division would take a branch and a call for every zero, and compute
  // the reciprocal again for every quotient with the same b. The residual has the opposite sign, so that a zero keeps
  // its own.
  friend TFCUSTOMACT_FUNCTION Scalar operator/(Scalar a, Scalar b) {
    Scalar reciprocal = Reciprocal(b);
    if constexpr (sizeof(T) == sizeof(double)) {
      const Scalar error = NegMulAdd(reciprocal, b, Constant(1));
      reciprocal = MulAdd(reciprocal, MulAdd(error, error, error), reciprocal);
    }
    const Scalar quotient = a * reciprocal;
    const Scalar corrected = NegMulAdd(reciprocal, MulSub(b, quotient, a), quotient);
    return sizeof(T) == sizeof(float) ? corrected : Where(IsFinite(quotient), corrected, quotient);
  }

  static TFCUSTOMACT_FUNCTION Scalar MulAdd(Scalar a, Scalar b, Scalar c) { return {std::fma(a.v, b.v, c.v)}; }
  static TFCUSTOMACT_FUNCTION Scalar MulSub(Scalar a, Scalar b, Scalar c) { return {std::fma(a.v, b.v, -c.v)}; }
  static TFCUSTOMACT_FUNCTION Scalar NegMulAdd(Scalar a, Scalar b, Scalar c) { return {std::fma(-a.v, b.v, c.v)}; }

  static TFCUSTOMACT_FUNCTION Scalar Inverse(Scalar a) { return {1 / a.v}; }

  static TFCUSTOMACT_FUNCTION Scalar Abs(Scalar a) { return {std::fabs(a.v)}; }
  static TFCUSTOMACT_FUNCTION Scalar CopySign(Scalar size, Scalar sign) { return {std::copysign(size.v, sign.v)}; }

  static TFCUSTOMACT_FUNCTION Mask Less(Scalar a, Scalar b) { return a.v < b.v; }
  static TFCUSTOMACT_FUNCTION Mask And(Mask a, Mask b) { return a && b; }
  static TFCUSTOMACT_FUNCTION Mask IsFinite(Scalar a) { return std::fabs(a.v) <= Largest(); }
  static TFCUSTOMACT_FUNCTION Mask IsInf(Scalar a) { return std::fabs(a.v) > Largest(); }
  static TFCUSTOMACT_FUNCTION Scalar Where(Mask mask, Scalar yes, Scalar no) { return mask ? yes : no; }

  // `low` for NaN.
  static TFCUSTOMACT_FUNCTION Scalar Max(double low, Scalar a) { return {std::fmax(a.v, static_cast<T>(low))}; }

  // NaN stays NaN.
  static TFCUSTOMACT_FUNCTION Scalar Clamp(double low, double high, Scalar a) {
    return {a.v < static_cast<T>(low) ? static_cast<T>(low) : a.v > static_cast<T>(high) ? static_cast<T>(high) : a.v};
  }

  // 2^n, where the low bits of `biased` hold n plus the exponent bias.
  static TFCUSTOMACT_FUNCTION Scalar PowerOfTwo(Scalar biased) { return TimesPowerOfTwo(Constant(0), biased); }

  // a * 2^n, where the low bits of `shifted` hold n. Both a and the result are normal numbers, or n = 0.
  static TFCUSTOMACT_FUNCTION Scalar TimesPowerOfTwo(Scalar a, Scalar shifted) {
    if constexpr (sizeof(T) == sizeof(float)) {
      return FromBits<std::uint32_t>((ToBits<std::uint32_t>(shifted) << 23) + ToBits<std::uint32_t>(a));
    } else {
      return FromBits<std::uint64_t>((ToBits<std::uint64_t>(shifted) << 52) + ToBits<std::uint64_t>(a));
    }
  }

  static TFCUSTOMACT_FUNCTION Scalar Exp2(Scalar a) { return {Approximate::Exp2(a.v)}; }
  static TFCUSTOMACT_FUNCTION Scalar Reciprocal(Scalar a) { return {Approximate::Reciprocal(a.v)}; }

 private:
  static constexpr TFCUSTOMACT_FUNCTION T Largest() {
    return sizeof(T) == sizeof(float) ? static_cast<T>(0x1.fffffep127) : static_cast<T>(0x1.fffffffffffffp1023);
  }

  template <typename Bits>
  static TFCUSTOMACT_FUNCTION Bits ToBits(Scalar a) {
    Bits bits;
    std::memcpy(&bits, &a.v, sizeof bits);
    return bits;
  }
  template <typename Bits>
  static TFCUSTOMACT_FUNCTION Scalar FromBits(Bits bits) {
    Scalar a;
    std::memcpy(&a.v, &bits, sizeof bits);
    return a;
  }
};

}  // namespace tfcustomact::cuda
