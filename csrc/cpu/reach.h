// Whether numbers are within the reach of a formula over a fast model (csrc/passes/facts.h), judged by their bits.
#pragma once

#include <cstdint>
#include <cstring>

#include "csrc/cpu/elements.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

// The bits of `size` rounded to T. The fast models are right a little beyond the reach, by more than this rounding.
HWY_INLINE std::int32_t BitsOf(float, double size) {
  const float rounded = static_cast<float>(size);
  std::int32_t bits;
  std::memcpy(&bits, &rounded, sizeof bits);
  return bits;
}

HWY_INLINE std::int64_t BitsOf(double, double size) {
  std::int64_t bits;
  std::memcpy(&bits, &size, sizeof bits);
  return bits;
}

HWY_INLINE std::int16_t BitsOf(hwy::bfloat16_t, double size) {
  return static_cast<std::int16_t>(BitsOf(float(), size) >> 16);
}

HWY_INLINE std::int16_t BitsOf(hwy::float16_t, double size) {
  constexpr double kLargest = 65504;
  const hwy::float16_t rounded = hwy::F16FromF32(static_cast<float>(size < kLargest ? size : kLargest));
  std::int16_t bits;
  std::memcpy(&bits, &rounded, sizeof bits);
  return bits;
}

// The elements of type T whose absolute value is up to a given one.
template <typename T>
class Reach {
  using Bits = decltype(BitsOf(T(), 0));
  using D = hn::ScalableTag<Bits>;

 public:
  static Reach UpTo(double size) { return Reach(BitsOf(T(), size)); }
  static Reach Nothing() { return Reach(-1); }

  // Whether `count` elements, a multiple of the lanes, are within reach. Without the sign, the bits of numbers compare
  // as integers like the numbers themselves, and those of NaN are larger than all others.
  HWY_INLINE bool Has(const T* x, std::size_t count) const {
    const D d;
    const auto size = hn::Set(d, static_cast<Bits>(~(Bits{1} << (8 * sizeof(Bits) - 1))));
    const auto* bits = reinterpret_cast<const Bits*>(x);
    auto largest = hn::And(hn::LoadU(d, bits), size);
    for (std::size_t i = hn::Lanes(d); i < count; i += hn::Lanes(d))
      largest = hn::Max(largest, hn::And(hn::LoadU(d, bits + i), size));
    return hn::AllFalse(d, hn::Gt(largest, hn::Set(d, max_)));
  }

 private:
  explicit Reach(Bits max) : max_(max) {}

  Bits max_;
};

// The smallest and the largest absolute value of some numbers, of which there is one or more. If one is NaN, it is the
// largest.
template <typename T>
class SizesOf {
  using Bits = decltype(BitsOf(T(), 0));
  using D = hn::ScalableTag<Bits>;

 public:
  HWY_INLINE SizesOf(const T* numbers, std::size_t count) {
    const D d;
    const auto size = hn::Set(d, std::numeric_limits<Bits>::max());
    const auto* bits = reinterpret_cast<const Bits*>(numbers);
    auto min = size, max = hn::Zero(d);
    for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
      // A part of a vector is filled with the first number.
      const auto sizes = hn::And(hn::LoadNOr(hn::Set(d, *bits), d, bits + i, count - i), size);
      min = hn::Min(min, sizes);
      max = hn::Max(max, sizes);
    }
    min_ = hn::ReduceMin(d, min);
    max_ = hn::ReduceMax(d, max);
  }

  double Min() const { return Number(min_); }
  double Max() const { return Number(max_); }

 private:
  static double Number(Bits bits) {
    T number;
    std::memcpy(&number, &bits, sizeof number);
    return number;
  }

  Bits min_, max_;
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
