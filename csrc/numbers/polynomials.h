// Coefficients of polynomials, and their largest relative errors. Written by tools/fit_polynomials.py: change that, and
// run it.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/numbers/horner.h"

namespace tfcustomact {

// Functions, because device code cannot refer to an array at namespace scope.

// One coefficient a line, however many there are.
// clang-format off

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

// (log(1+r) - r) / r^2 for 0.0 <= r <= 1.0, in float32: relative error 2^-22.0, of log(1+r) 2^-26.8.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<10> LogarithmFloat32() {
  return {{
      0x1.1136d4p-9,
      -0x1.c0a2c4p-7,
      0x1.58ffa4p-5,
      -0x1.54f19cp-4,
      0x1.ff28f2p-4,
      -0x1.4a72b6p-3,
      0x1.978b54p-3,
      -0x1.ffc59ep-3,
      0x1.5553b6p-2,
      -0x1.fffff8p-2,
  }};
}

// (log(1+r) - r) / r^2 for 0.0 <= r <= 1.0, in float32: relative error 2^-14.7, of log(1+r) 2^-22.1.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<7> LogarithmFloat16() {
  return {{
      -0x1.1f9398p-7,
      0x1.7074f2p-5,
      -0x1.be8316p-4,
      0x1.6d7f38p-3,
      -0x1.f682c4p-3,
      0x1.54d41ap-2,
      -0x1.fffb3ap-2,
  }};
}

// (log(1+r) - r) / r^2 for 0.0 <= r <= 1.0, in float64: relative error 2^-51.4, of log(1+r) 2^-56.2.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<22> LogarithmFloat64() {
  return {{
      0x1.6e4e33039ad82p-17,
      -0x1.1e6ea4c0060b8p-13,
      0x1.aaa6fc5e5d1cdp-11,
      -0x1.9469e67fe6b8ap-9,
      0x1.138e704669ce4p-7,
      -0x1.21eb5c7de98c3p-6,
      0x1.efe99c1443faap-6,
      -0x1.682507cd1f46dp-5,
      0x1.ceb7a179f4060p-5,
      -0x1.116f16f2097adp-4,
      0x1.33d29e99ba4b0p-4,
      -0x1.53161c193b003p-4,
      0x1.73cd3e7004d98p-4,
      -0x1.997cf9a4584a5p-4,
      0x1.c717fe37f995dp-4,
      -0x1.ffff78b866a33p-4,
      0x1.249243337fe48p-3,
      -0x1.555554f69d06ep-3,
      0x1.99999995ab6dbp-3,
      -0x1.ffffffffe6b9fp-3,
      0x1.55555555552bcp-2,
      -0x1.ffffffffffffdp-2,
  }};
}

// (log(1+r) - r) / r^2 for 0.0 <= r <= 1.0, in float64: relative error 2^-29.1, of log(1+r) 2^-38.1.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<13> LogarithmViaDouble() {
  return {{
      -0x1.14cc87bbc7110p-11,
      0x1.1682cabb74826p-8,
      -0x1.0720d1a8d7fb3p-6,
      0x1.3b75ab5274801p-5,
      -0x1.1477935dba51bp-4,
      0x1.87d9a29dcc19ap-4,
      -0x1.e9abbf838b621p-4,
      0x1.21bc1c2ebf4ebp-3,
      -0x1.54d5b3360e16ep-3,
      0x1.998af16bc0c20p-3,
      -0x1.fffefec200dbbp-3,
      0x1.555550d9ffa6ap-2,
      -0x1.fffffff1ed537p-2,
  }};
}

// m(r) = (a + 4) * (1 - Phi(a)) * exp(a^2 / 2) with r = (a - 4) / (a + 4), Phi the normal distribution.
// m(r) for -1.0 <= r <= 0.579, in float32: relative error 2^-25.6, of m(r) 2^-25.6.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<11> NormalRatioFloat32() {
  return {{
      -0x1.58b610p-16,
      -0x1.248434p-13,
      0x1.d67b14p-13,
      0x1.a02a8ap-10,
      -0x1.d01b2ap-9,
      -0x1.edbf24p-8,
      0x1.eee2cep-5,
      -0x1.7dff56p-3,
      0x1.8c6d74p-2,
      -0x1.373e3ap-1,
      0x1.82b4bcp-1,
  }};
}

// m(r) = (a + 4) * (1 - Phi(a)) * exp(a^2 / 2) with r = (a - 4) / (a + 4), Phi the normal distribution.
// m(r) for -1.0 <= r <= 0.579, in float32: relative error 2^-20.9, of m(r) 2^-20.9.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<8> NormalRatioFloat16() {
  return {{
      0x1.fa99b2p-11,
      -0x1.d23f38p-9,
      -0x1.d54760p-8,
      0x1.ef4650p-5,
      -0x1.7e25b2p-3,
      0x1.8c6bd8p-2,
      -0x1.373dbap-1,
      0x1.82b4bep-1,
  }};
}

// m(r) = (a + 4) * (1 - Phi(a)) * exp(a^2 / 2) with r = (a - 4) / (a + 4), Phi the normal distribution.
// m(r) for -1.0 <= r <= 0.8182, in float64: relative error 2^-54.4, of m(r) 2^-54.4.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<25> NormalRatioFloat64() {
  return {{
      -0x1.6467ff26d0792p-40,
      -0x1.c4f450be85ee6p-30,
      -0x1.192ff9deae13cp-28,
      0x1.57dea69689355p-28,
      0x1.b976b347179d4p-26,
      0x1.34946d09a500ap-27,
      -0x1.9ab324b061c69p-24,
      -0x1.45ed8785a4e6ep-23,
      0x1.2e570b31b5fabp-22,
      0x1.11dd94e078dbep-20,
      -0x1.5534a29c0741dp-21,
      -0x1.8d4702e945227p-18,
      0x1.81f9587388a01p-21,
      0x1.26d09d2700268p-15,
      -0x1.0032ca2253dc7p-19,
      -0x1.e4a426f7038e3p-13,
      0x1.17a4bb0bacc1cp-13,
      0x1.ab825fc91a579p-10,
      -0x1.c81719e83c188p-9,
      -0x1.ee2761049ed62p-8,
      0x1.eec4cc3e5b88fp-5,
      -0x1.7dff2bff6835bp-3,
      0x1.8c6dbf2cfc22cp-2,
      -0x1.373e3a893c28ap-1,
      0x1.82b4bb8c94dcep-1,
  }};
}

// m(r) = (a + 4) * (1 - Phi(a)) * exp(a^2 / 2) with r = (a - 4) / (a + 4), Phi the normal distribution.
// m(r) for -1.0 <= r <= 0.579, in float64: relative error 2^-35.4, of m(r) 2^-35.4.
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<13> NormalRatioViaDouble() {
  return {{
      0x1.e29084a1246bep-18,
      0x1.13af31cd26dc6p-15,
      -0x1.25612ee120333p-17,
      -0x1.e70973e72268fp-13,
      0x1.1d3d1fc3c26cbp-13,
      0x1.abb8ec7e4090ep-10,
      -0x1.c827d0b844db1p-9,
      -0x1.ee2a16dec9289p-8,
      0x1.eec4e4a62b8acp-5,
      -0x1.7dff2a6cee8d4p-3,
      0x1.8c6dbf0fcdb22p-2,
      -0x1.373e3a8b20030p-1,
      0x1.82b4bb8cae1fdp-1,
  }};
}

// clang-format on

}  // namespace tfcustomact
