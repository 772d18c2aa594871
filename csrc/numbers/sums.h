// Sums over many terms in float64, on the device and on the host. An infinite sum stays infinite. They have no
// constructors, so that there can be arrays of them in shared memory.
#pragma once

#include <cmath>
#include <type_traits>

#include "csrc/numbers/function.h"

namespace tfcustomact {

// Of terms that were computed in float32: float64 has bits to spare.
struct PlainSum {
  double value;

  TFCUSTOMACT_FUNCTION void Add(double term) { value += term; }
  TFCUSTOMACT_FUNCTION void Add(const PlainSum& sum) { value += sum.value; }
  TFCUSTOMACT_FUNCTION double Rounded() const { return value; }
};

// Of terms that were computed in float64: keeps the rounding errors (Knuth's two-sum).
struct CompensatedSum {
  double value, error;

  TFCUSTOMACT_FUNCTION void Add(double term) {
    const double before = value;
    value += term;
    const double added = value - before;
    error += (before - (value - added)) + (term - added);
  }
  TFCUSTOMACT_FUNCTION void Add(const CompensatedSum& sum) {
    Add(sum.value);
    error += sum.error;
  }
  // Of an infinite sum the error is NaN.
  TFCUSTOMACT_FUNCTION double Rounded() const {
    return std::fabs(value) <= 0x1.fffffffffffffp1023 ? value + error : value;
  }
};

template <typename Number>
using SumOf = std::conditional_t<std::is_same_v<Number, double>, CompensatedSum, PlainSum>;

}  // namespace tfcustomact
