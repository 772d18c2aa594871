// The constants of float64's exponential, for the fast model of csrc/numbers/fast_math.h.
//
// Lane type float64. Largest errors for ten million inputs over the whole range and parameters of every size
// (tests/kernels/float64_sweep.cc repeats the numbers): Swish 1.9 ULP, its derivative 1.8 (around its root in ULPs of
// 2^-4), ELU 1.8, its derivative 1.3. Elements beyond the reach of a formula go through double_double.h.
#pragma once

#include "csrc/numbers/fast_math.h"
#include "csrc/numbers/function.h"
#include "csrc/numbers/horner.h"
#include "csrc/numbers/polynomials.h"

namespace tfcustomact {

struct Float64Constants {
  // 1.5 * 2^52
  static constexpr double kRounder = 6755399441055744.0, kBias = 1023;
  static constexpr double kMaxArgument = 700.0, kMaxArgumentOfTail = 663.0, kSaturated = 40.0,
                          kMinCoefficient = 0x1p-914, kMaxCoefficient = 1e290;
  static constexpr bool kCorrectsRoundings = true;

  static TFCUSTOMACT_HOST_FUNCTION double High(double c) { return c * kLog2E; }
  static TFCUSTOMACT_HOST_FUNCTION double Low(double c) { return __builtin_fma(c, kLog2E, -High(c)) + c * kLog2ELow; }
  static constexpr double kLog2E = 0x1.71547652b82fep+0, kLog2ELow = 0x1.777d0ffda0d24p-56;
  static constexpr double kLog2Error = 0x1.abc9e3b39803fp-56;

  // log(2) in two parts, the first of 32 bits.
  static constexpr double kLog2High = 0x1.62e42feep-1, kLog2Low = 0x1.a39ef35793c76p-33;

  template <class Lanes>
  static TFCUSTOMACT_FUNCTION Lanes PowerOf2(Lanes r) {
    return Polynomial(PowerOf2Float64(), r);
  }

  static constexpr auto kPowerOfE = PowerOfEFloat64();

  static constexpr double kShift = 512, kVanished = 1060, kPowerOfMinusShift = 0x1p-512;
  static constexpr TFCUSTOMACT_FUNCTION double LowPart(double) { return 0; }
  static constexpr auto kLogarithm = LogarithmFloat64();
  static constexpr auto kNormalRatio = NormalRatioFloat64();
};

}  // namespace tfcustomact
