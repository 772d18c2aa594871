// The value of a polynomial by Horner's rule.
#pragma once

#include "csrc/numbers/function.h"

namespace tfcustomact {

template <int kTerms>
struct PolynomialTerms {
  static constexpr int kCount = kTerms;
  double highest_power_first[kTerms];
};

// The polynomial minus 1.
template <int kTerms>
constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<kTerms> LessOne(PolynomialTerms<kTerms> terms) {
  terms.highest_power_first[kTerms - 1] -= 1;
  return terms;
}

template <int kTerms, class Lanes>
TFCUSTOMACT_FUNCTION Lanes Polynomial(const Lanes (&highest_power_first)[kTerms], Lanes r) {
  Lanes q = highest_power_first[0];
  for (int i = 1; i < kTerms; ++i) q = Lanes::MulAdd(q, r, highest_power_first[i]);
  return q;
}

template <int kTerms, class Lanes>
TFCUSTOMACT_FUNCTION Lanes Polynomial(const PolynomialTerms<kTerms>& terms, Lanes r) {
  Lanes q = Lanes::Constant(terms.highest_power_first[0]);
  for (int i = 1; i < kTerms; ++i) q = Lanes::MulAdd(q, r, Lanes::Constant(terms.highest_power_first[i]));
  return q;
}

}  // namespace tfcustomact
