// Two vectors of lanes, or two such pairs, that go through the same operations side by side: the operations of one hide
// the latency of the other's. That takes a tenth less time than to compute them in turn.
#pragma once

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

template <class L>
struct Two {
  static constexpr bool kHasMaskedOperations = L::kHasMaskedOperations;

  struct Mask {
    typename L::Mask first, second;
  };

  // Copied member by member, as lanes.h says.
  Two() = default;
  HWY_INLINE Two(L one, L another) : first(one), second(another) {}
  HWY_INLINE Two(const Two& other) : first(other.first), second(other.second) {}
  HWY_INLINE Two& operator=(const Two& other) {
    first = other.first;
    second = other.second;
    return *this;
  }

  L first, second;

  static HWY_INLINE Two Constant(double c) { return {L::Constant(c), L::Constant(c)}; }

  friend HWY_INLINE Two operator+(Two a, Two b) { return {a.first + b.first, a.second + b.second}; }
  friend HWY_INLINE Two operator-(Two a, Two b) { return {a.first - b.first, a.second - b.second}; }
  friend HWY_INLINE Two operator*(Two a, Two b) { return {a.first * b.first, a.second * b.second}; }
  friend HWY_INLINE Two operator/(Two a, Two b) { return {a.first / b.first, a.second / b.second}; }
  friend HWY_INLINE Two operator-(Two a) { return {-a.first, -a.second}; }

  static HWY_INLINE Two MulAdd(Two a, Two b, Two c) {
    return {L::MulAdd(a.first, b.first, c.first), L::MulAdd(a.second, b.second, c.second)};
  }
  static HWY_INLINE Two MulSub(Two a, Two b, Two c) {
    return {L::MulSub(a.first, b.first, c.first), L::MulSub(a.second, b.second, c.second)};
  }
  static HWY_INLINE Two NegMulAdd(Two a, Two b, Two c) {
    return {L::NegMulAdd(a.first, b.first, c.first), L::NegMulAdd(a.second, b.second, c.second)};
  }
  static HWY_INLINE Two Inverse(Two a) { return {L::Inverse(a.first), L::Inverse(a.second)}; }
  static HWY_INLINE Two Reciprocal(Two a) { return {L::Reciprocal(a.first), L::Reciprocal(a.second)}; }
  static HWY_INLINE Two Abs(Two a) { return {L::Abs(a.first), L::Abs(a.second)}; }
  static HWY_INLINE Two CopySign(Two size, Two sign) {
    return {L::CopySign(size.first, sign.first), L::CopySign(size.second, sign.second)};
  }
  static HWY_INLINE Two Max(double low, Two a) { return {L::Max(low, a.first), L::Max(low, a.second)}; }
  static HWY_INLINE Mask Less(Two a, Two b) { return {L::Less(a.first, b.first), L::Less(a.second, b.second)}; }
  static HWY_INLINE Mask And(Mask a, Mask b) { return {L::And(a.first, b.first), L::And(a.second, b.second)}; }
  static HWY_INLINE bool All(Mask a) { return L::All(L::And(a.first, a.second)); }
  static HWY_INLINE Two Where(Mask mask, Two yes, Two no) {
    return {L::Where(mask.first, yes.first, no.first), L::Where(mask.second, yes.second, no.second)};
  }
  static HWY_INLINE Two PowerOfTwo(Two biased) { return {L::PowerOfTwo(biased.first), L::PowerOfTwo(biased.second)}; }
  static HWY_INLINE Two TimesPowerOfTwo(Two a, Two shifted) {
    return {L::TimesPowerOfTwo(a.first, shifted.first), L::TimesPowerOfTwo(a.second, shifted.second)};
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
