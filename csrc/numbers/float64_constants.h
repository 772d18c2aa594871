// What an exponential of float64 numbers needs, for the fast model of csrc/numbers/fast_math.h.
//
// Lane type float64. Largest errors for ten million inputs over the whole range and parameters of every size
// (tests/kernels/float64_sweep.cc repeats the numbers): Swish 1.9 ULP, its derivative 1.8 (around its root in ULPs of
// 2^-4), ELU 1.7, its derivative 1.3. What is out of reach goes through double_double.h.
#pragma once

#include "csrc/numbers/fast_math.h"
#include "csrc/numbers/function.h"

namespace tfcustomact {

struct Float64Constants {
  // 1.5 * 2^52
  static constexpr double kRounder = 6755399441055744.0, kBias = 1023;
  static constexpr double kMaxArgument = 700.0, kMaxArgumentOfTail = 663.0, kLost = 40.0, kMinCoefficient = 1e-280,
                          kMaxCoefficient = 1e290;
  static constexpr bool kCorrectsRoundings = true;

  static double High(double c) { return c * kLog2E; }
  static double Low(double c) { return __builtin_fma(c, kLog2E, -High(c)) + c * kRestOfLog2E; }
  static constexpr double kLog2E = 0x1.71547652b82fep+0, kRestOfLog2E = 0x1.777d0ffda0d24p-56;

  // The first of 32 bits.
  static constexpr double kLog2High = 0x1.62e42feep-1, kLog2Low = 0x1.a39ef35793c76p-33;

  // To a relative 2^-54, of 2^r to 2^-55.
  template <class Lanes>
  static TFCUSTOMACT_FUNCTION Lanes PowerOf2(Lanes r) {
    const double terms[] = {0x1.e9d3fe3952179p-32, 0x1.e6063f7217bc6p-28, 0x1.b524fae627834p-24, 0x1.62bfd47773353p-20,
                            0x1.ffcbfc670dcd4p-17, 0x1.430913096fd9fp-13, 0x1.5d87fe78a5276p-10, 0x1.3b2ab6fba1ddap-7,
                            0x1.c6b08d704a0c2p-5,  0x1.ebfbdff82c598p-3,  0x1.62e42fefa39efp-1};
    return Polynomial(terms, r);
  }

  // To a relative 2^-58.
  static constexpr int kTerms = 12;
  static constexpr double kPowerOfE[kTerms] = {0x1.1f7f2776cfaf2p-29,
                                               0x1.af632a0f7e2cep-26,
                                               0x1.27e4d41966f2fp-22,
                                               0x1.71ddf56d8deb5p-19,
                                               0x1.a01a01a9e991bp-16,
                                               0x1.a01a01b1461c5p-13,
                                               0x1.6c16c16c15a68p-10,
                                               0x1.111111110f21ep-7,
                                               0x1.5555555555557p-5,
                                               0x1.555555555555ap-3,
                                               0.5,
                                               1.0};
};

}  // namespace tfcustomact
