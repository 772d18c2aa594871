// One float or double, as the number models of csrc/numbers want their lanes: what a CUDA thread computes with. The
// host compiles it too, so that the formulas of the CUDA kernels are tested without a GPU.
//
// What differs between host and device:
//   float a / b   device: rcp.approx.ftz.f32 and one residual; host: IEEE division
//   Exp2          device: ex2.approx.ftz.f32, at most 2 ULP off; host: exp2, rounded
//   Reciprocal    device: rcp.approx.ftz.f32, at most 1 ULP off; host: 1 / a, rounded
// (errors: PTX ISA, "Floating Point Instructions"). tests/kernels/errors_of_approximations.h has the same with errors
// of those sizes. Everything else is an operation of IEEE 754 on both: csrc/cuda is compiled with -fmad=false and keeps
// subnormal numbers.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "csrc/formulas/macros.h"

namespace tfcustomact::cuda {

template <typename T>
struct Scalar {
  using Mask = bool;
  static constexpr bool kHasFma = true;

  T v;

  static constexpr TFCUSTOMACT_FUNCTION Scalar Constant(double c) { return {static_cast<T>(c)}; }

  friend TFCUSTOMACT_FUNCTION Scalar operator+(Scalar a, Scalar b) { return {a.v + b.v}; }
  friend TFCUSTOMACT_FUNCTION Scalar operator-(Scalar a, Scalar b) { return {a.v - b.v}; }
  friend TFCUSTOMACT_FUNCTION Scalar operator*(Scalar a, Scalar b) { return {a.v * b.v}; }
  friend TFCUSTOMACT_FUNCTION Scalar operator-(Scalar a) { return {-a.v}; }

  // For float: |b| in [2^-126, 2^126]; IEEE division takes a branch and a call where a is zero. The residual is taken
  // with its sign turned so that a zero keeps its own.
  friend TFCUSTOMACT_FUNCTION Scalar operator/(Scalar a, Scalar b) {
#if defined(__CUDA_ARCH__)
    if constexpr (sizeof(T) == sizeof(float)) return Quotient(a, b, Reciprocal(b));
#endif
    return {a.v / b.v};
  }

  // a / b from an approximation of 1 / b: half a ULP and the square of its relative error.
  static TFCUSTOMACT_FUNCTION Scalar Quotient(Scalar a, Scalar b, Scalar reciprocal) {
    const Scalar quotient = a * reciprocal;
    return NegMulAdd(MulSub(b, quotient, a), reciprocal, quotient);
  }

  static TFCUSTOMACT_FUNCTION Scalar MulAdd(Scalar a, Scalar b, Scalar c) { return {std::fma(a.v, b.v, c.v)}; }
  static TFCUSTOMACT_FUNCTION Scalar MulSub(Scalar a, Scalar b, Scalar c) { return {std::fma(a.v, b.v, -c.v)}; }
  static TFCUSTOMACT_FUNCTION Scalar NegMulAdd(Scalar a, Scalar b, Scalar c) { return {std::fma(-a.v, b.v, c.v)}; }

  static TFCUSTOMACT_FUNCTION Scalar Abs(Scalar a) { return {std::fabs(a.v)}; }
  static TFCUSTOMACT_FUNCTION Scalar CopySign(Scalar size, Scalar sign) { return {std::copysign(size.v, sign.v)}; }

  static TFCUSTOMACT_FUNCTION Mask Less(Scalar a, Scalar b) { return a.v < b.v; }
  static TFCUSTOMACT_FUNCTION Mask LessOrEqual(Scalar a, Scalar b) { return a.v <= b.v; }
  static TFCUSTOMACT_FUNCTION Mask IsFinite(Scalar a) { return std::fabs(a.v) <= Largest(); }
  static TFCUSTOMACT_FUNCTION Mask IsInf(Scalar a) { return std::fabs(a.v) > Largest(); }
  static TFCUSTOMACT_FUNCTION Scalar Where(Mask mask, Scalar yes, Scalar no) { return mask ? yes : no; }

  // NaN stays NaN.
  static TFCUSTOMACT_FUNCTION Scalar Clamp(double low, double high, Scalar a) {
    return {a.v < static_cast<T>(low) ? static_cast<T>(low) : a.v > static_cast<T>(high) ? static_cast<T>(high) : a.v};
  }

  // 2^n, where n stands in the low bits of a.
  static TFCUSTOMACT_FUNCTION Scalar PowerOfTwo(Scalar a) {
    if constexpr (sizeof(T) == sizeof(float)) {
      return FromBits<std::uint32_t>((ToBits<std::uint32_t>(a) << 23) + (std::uint32_t{127} << 23));
    } else {
      return FromBits<std::uint64_t>((ToBits<std::uint64_t>(a) << 52) + (std::uint64_t{1023} << 52));
    }
  }

  // 2^a and 1 / a for float, approximately, where the result is a normal number.
  static TFCUSTOMACT_FUNCTION Scalar Exp2(Scalar a) {
#if defined(__CUDA_ARCH__)
    Scalar power;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power.v) : "f"(a.v));
    return power;
#else
    return {std::exp2(a.v)};
#endif
  }
  static TFCUSTOMACT_FUNCTION Scalar Reciprocal(Scalar a) {
#if defined(__CUDA_ARCH__)
    Scalar reciprocal;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(reciprocal.v) : "f"(a.v));
    return reciprocal;
#else
    return {1 / a.v};
#endif
  }

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
