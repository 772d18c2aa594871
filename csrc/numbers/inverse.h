// The inverse of a number that x is divided by.
#pragma once

#include <limits>

#include "csrc/numbers/function.h"

namespace tfcustomact {

// Device code may not call the functions that give them.
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

// 1 / c for a finite c from 0 on, else NaN.
template <class Lanes>
TFCUSTOMACT_FUNCTION Lanes InverseOfPositive(Lanes c) {
  const Lanes nan = Lanes::Constant(kNaN), inverse = Lanes::Inverse(Lanes::Abs(c));
  const Lanes of_finite = Lanes::Where(Lanes::Less(c, Lanes::Constant(kInfinity)), inverse, nan);
  return Lanes::Where(Lanes::Less(c, Lanes::Constant(0)), nan, of_finite);
}

}  // namespace tfcustomact
