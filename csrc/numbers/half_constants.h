// What an exponential needs whose result is rounded to float16 or bfloat16, for the fast model of fast_math.h.
//
// Lane type float32. Largest error of a float16 or bfloat16 result over all inputs (tests/kernels/test_numpy.py repeats
// the number): 0.505 ULP.
#pragma once

#include "csrc/numbers/fast_math.h"
#include "csrc/numbers/function.h"

namespace tfcustomact {

struct Float16Constants : Float32Constants {
  static constexpr bool kCorrectsRoundings = false;
  static constexpr double kMaxArgumentOfTail = kMaxArgument;
  // One part is enough.
  static constexpr double kLog2High = 0x1.62e42fefa39efp-1;

  // To a relative 2^-18 of 2^r.
  template <class Lanes>
  static TFCUSTOMACT_FUNCTION Lanes PowerOf2(Lanes r) {
    const double terms[] = {0x1.3a0228p-7, 0x1.c9fdecp-5, 0x1.ec0380p-3, 0x1.62e12ap-1};
    return Polynomial(terms, r);
  }

  // To a relative 2^-21.
  static constexpr int kTerms = 5;
  static constexpr double kPowerOfE[kTerms] = {0x1.1110f6p-7, 0x1.570b58p-5, 0x1.5556bep-3, 0x1.fffe5cp-2,
                                               0x1.fffffep-1};
};

struct BFloat16Constants : Float16Constants {
  // To a relative 2^-16.
  static constexpr int kTerms = 4;
  static constexpr double kPowerOfE[kTerms] = {0x1.55502ap-5, 0x1.5761ecp-3, 0x1.0001aep-1, 0x1.fffe0cp-1};
};

}  // namespace tfcustomact
