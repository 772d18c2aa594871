// The constants of an exponential whose result is rounded to float16 or bfloat16, for the fast model of fast_math.h.
//
// Lane type float32. Largest error of a float16 or bfloat16 result over all inputs (tests/kernels/halves.cc repeats
// the number): 0.505 ULP.
#pragma once

#include "csrc/numbers/fast_math.h"
#include "csrc/numbers/function.h"
#include "csrc/numbers/horner.h"
#include "csrc/numbers/polynomials.h"

namespace tfcustomact {

struct Float16Constants : Float32Constants {
  static constexpr bool kCorrectsRoundings = false;
  static constexpr double kMaxArgumentOfTail = kMaxArgument;
  // One part is enough.
  static constexpr double kLog2High = 0x1.62e42fefa39efp-1;

  template <class Lanes>
  static TFCUSTOMACT_FUNCTION Lanes PowerOf2(Lanes r) {
    return Polynomial(PowerOf2Float16(), r);
  }

  static constexpr auto kPowerOfE = PowerOfEFloat16();
  static constexpr auto kLogarithm = LogarithmFloat16();
  static constexpr auto kNormalRatio = NormalRatioFloat16();
};

struct BFloat16Constants : Float16Constants {
  static constexpr auto kPowerOfE = PowerOfEBFloat16();
};

}  // namespace tfcustomact
