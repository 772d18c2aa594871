// Coefficients of polynomials, and their largest relative errors. Written by tools/fit_polynomials.py: change that, and
// run it.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/numbers/horner.h"

namespace tfcustomact {

// Functions, because device code cannot refer to an array at namespace scope.

// (2^r - 1) / r for |r| <= 0.50001, in float32: relative error 2^-25.6, of 2^r 2^-28.3.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<6> PowerOf2Float32() {
  return {{
      0x1.417d1ap-13,
      0x1.5f094ep-10,
      0x1.3b2dd0p-7,
      0x1.c6af7ap-5,
      0x1.ebfbdcp-3,
      0x1.62e430p-1,
  }};
}

// (exp(r) - 1) / r for |r| <= 0.346582, in float32: relative error 2^-25.5, of exp(r) 2^-28.2.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<6> PowerOfEFloat32() {
  return {{
      0x1.6a530ap-10,
      0x1.123974p-7,
      0x1.5558aap-5,
      0x1.555492p-3,
      0x1.fffffcp-2,
      0x1.000000p+0,
  }};
}

// (2^r - 1) / r for |r| <= 0.50001, in float32: relative error 2^-14.8, of 2^r 2^-18.4.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<4> PowerOf2Float16() {
  return {{
      0x1.3a059ap-7,
      0x1.c9fc7ep-5,
      0x1.ec036ep-3,
      0x1.62e12cp-1,
  }};
}

// (exp(r) - 1) / r for |r| <= 0.346582, in float32: relative error 2^-21.1, of exp(r) 2^-22.4.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<5> PowerOfEFloat16() {
  return {{
      0x1.110ab0p-7,
      0x1.5709d4p-5,
      0x1.5556d0p-3,
      0x1.fffe60p-2,
      0x1.fffffep-1,
  }};
}

// (exp(r) - 1) / r for |r| <= 0.346582, in float32: relative error 2^-16.0, of exp(r) 2^-17.2.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<4> PowerOfEBFloat16() {
  return {{
      0x1.55573ep-5,
      0x1.5761e4p-3,
      0x1.0001a0p-1,
      0x1.fffe0cp-1,
  }};
}

// (exp(r) - 1) / r for -0.0625 <= r <= 0.0, in float32: relative error 2^-29.6, of exp(r) 2^-33.6.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<4> PowerOfENearZero() {
  return {{
      0x1.4d47cep-5,
      0x1.5542dcp-3,
      0x1.ffffe8p-2,
      0x1.000000p+0,
  }};
}

// (2^r - 1) / r for |r| <= 0.5000000000005, in float64: relative error 2^-53.9, of 2^r 2^-57.7.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<11> PowerOf2Float64() {
  return {{
      0x1.e810780d78a09p-32,
      0x1.e611a0b8509f1p-28,
      0x1.b5260c6863af8p-24,
      0x1.62bfcdde18142p-20,
      0x1.ffcbfbf979535p-17,
      0x1.4309130c01549p-13,
      0x1.5d87fe78b38d9p-10,
      0x1.3b2ab6fba11f4p-7,
      0x1.c6b08d704a0d5p-5,
      0x1.ebfbdff82c59cp-3,
      0x1.62e42fefa39efp-1,
  }};
}

// (exp(r) - 1) / r for |r| <= 0.3465735902804, in float64: relative error 2^-61.6, of exp(r) 2^-62.8.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<12> PowerOfEFloat64() {
  return {{
      0x1.1f3be6c2cb0a0p-29,
      0x1.af5d3baf4c538p-26,
      0x1.27e4f736584a2p-22,
      0x1.71ddf916286e2p-19,
      0x1.a01a019e9b550p-16,
      0x1.a01a01afab1d0p-13,
      0x1.6c16c16c169dep-10,
      0x1.111111110f6e9p-7,
      0x1.5555555555558p-5,
      0x1.5555555555559p-3,
      0x1.0000000000000p-1,
      0x1.0000000000000p+0,
  }};
}

// (2^r - 1) / r for |r| <= 0.5, in float64: relative error 2^-31.0, of 2^r 2^-34.1.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<7> PowerOf2ViaDouble() {
  return {{
      0x1.fe7b9d4548d20p-17,
      0x1.445513380284bp-13,
      0x1.5d89c08c84d8bp-10,
      0x1.3b29fecba8517p-7,
      0x1.c6b08c03337d3p-5,
      0x1.ebfbe067d311cp-3,
      0x1.62e42fefa39efp-1,
  }};
}

// (exp(r) - 1 - r) / r^2 for |r| <= 0.3465735902804, in float64: relative error 2^-55.9, of exp(r) 2^-63.8.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<11> PowerOfEDoubleDouble() {
  return {{
      0x1.1ea0d297fa563p-29,
      0x1.af68718627224p-26,
      0x1.27e55f5887ec1p-22,
      0x1.71ddf238514fcp-19,
      0x1.a01a016cef81fp-16,
      0x1.a01a01b2a0900p-13,
      0x1.6c16c16c20575p-10,
      0x1.111111110ee8ep-7,
      0x1.5555555555544p-5,
      0x1.555555555555bp-3,
      0x1.0000000000000p-1,
  }};
}

// (exp(r) - 1) / r for |r| <= 0.346582, in float32: relative error 2^-20.5, of exp(r) 2^-23.1.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<5> PowerOfEXla() {
  return {{
      0x1.1064cap-7,
      0x1.572a10p-5,
      0x1.5557aap-3,
      0x1.fffdfcp-2,
      0x1.000000p+0,
  }};
}

}  // namespace tfcustomact
