// Takes the place of the GPU's approximate functions in the host's tests, with errors as large as
// csrc/cuda/approximations.h says.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "csrc/numbers/function.h"

namespace tfcustomact {

// A positive normal number, `ulps` neighbours further. Smaller ones are flushed, as on the device.
TFCUSTOMACT_FUNCTION float Neighbour(float a, int ulps) {
  if (!(a < 0x1.fffffep127f)) return a;
  if (a < 0x1p-126f) return 0;
  std::uint32_t bits;
  std::memcpy(&bits, &a, sizeof bits);
  bits += static_cast<std::uint32_t>(ulps);
  std::memcpy(&a, &bits, sizeof bits);
  return a;
}

// The reciprocal of the upper 32 bits, in 32 bits, the last of them `ulps` off.
TFCUSTOMACT_FUNCTION double UpperReciprocal(double a, int ulps) {
  constexpr std::uint64_t kUpper = ~std::uint64_t{0} << 32;
  std::uint64_t bits;
  std::memcpy(&bits, &a, sizeof bits);
  bits &= kUpper;
  std::memcpy(&a, &bits, sizeof bits);
  a = 1 / a;
  std::memcpy(&bits, &a, sizeof bits);
  bits = (bits & kUpper) + (static_cast<std::uint64_t>(ulps) << 32);
  std::memcpy(&a, &bits, sizeof bits);
  return a;
}

// With the same error for every argument, which may be set.
struct Erring {
  static inline int exp2_ulps, reciprocal_ulps;

  static float Exp2(float a) { return Neighbour(static_cast<float>(std::exp2(double{a})), exp2_ulps); }
  static float Reciprocal(float a) { return Neighbour(1 / a, reciprocal_ulps); }
  static double Reciprocal(double a) { return UpperReciprocal(a, reciprocal_ulps); }
};

// Exponentials that are off by 2 ULP, and reciprocals by 1, up for one argument and down for the next.
struct ErringBothWays {
  static TFCUSTOMACT_FUNCTION float Exp2(float a) {
    return Neighbour(static_cast<float>(std::exp2(double{a})), 2 * Direction<std::uint32_t>(a));
  }
  static TFCUSTOMACT_FUNCTION float Reciprocal(float a) { return Neighbour(1 / a, Direction<std::uint32_t>(a)); }
  static TFCUSTOMACT_FUNCTION double Reciprocal(double a) { return UpperReciprocal(a, Direction<std::uint64_t>(a)); }

 private:
  // 1 or -1, by the last bit of a number with so many bits.
  template <typename Bits, typename T>
  static TFCUSTOMACT_FUNCTION int Direction(T a) {
    Bits bits;
    std::memcpy(&bits, &a, sizeof bits);
    return bits & 1 ? 1 : -1;
  }
};

}  // namespace tfcustomact
