// What stands for the GPU's approximate functions in the host's tests: off by as much as csrc/cuda/approximations.h
// says.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "csrc/formulas/macros.h"

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

// Always off by the same.
template <int kExp2Ulps, int kReciprocalUlps>
struct Erring {
  static float Exp2(float a) { return Neighbour(static_cast<float>(std::exp2(double{a})), kExp2Ulps); }
  static float Reciprocal(float a) { return Neighbour(1 / a, kReciprocalUlps); }
};

// A reciprocal that is off by 1 ULP, up for one argument and down for the next.
struct ErringBothWays {
  static TFCUSTOMACT_FUNCTION float Reciprocal(float a) {
    std::uint32_t bits;
    std::memcpy(&bits, &a, sizeof bits);
    return Neighbour(1 / a, bits & 1 ? 1 : -1);
  }
};

}  // namespace tfcustomact
