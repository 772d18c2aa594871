// sigmoid(beta * x) for numbers whose exponent range is no wider than the result's.
#pragma once

#include "csrc/formulas/macros.h"

namespace tfcustomact {

// With a = |beta * x| and e = exp(-a / 2), sigmoid is 1 / (1 + e^2) on the right and e^2 / (1 + e^2) on the left. The
// two factors e are applied one after the other, so that y * sigmoid stays right where e^2 alone would underflow:
// float32 Swish is a normal number down to x = -92, exp(x) only to -87.
template <class Math>
class ScaledLogistic {
  using Number = typename Math::Number;
  using Coefficient = typename Math::Coefficient;

 public:
  TFCUSTOMACT_FUNCTION ScaledLogistic(const Coefficient& beta, const Number& x)
      : ScaledLogistic(Math::Product(beta, x)) {}

  TFCUSTOMACT_FUNCTION const Number& Argument() const { return argument_; }

  TFCUSTOMACT_FUNCTION Number Complement() const {
    return Math::Where(negative_, Math::Constant(1), square_) / denominator_;
  }

  // Beyond the cut y itself may be infinite, and is 0 or y times 1.
  TFCUSTOMACT_FUNCTION Number Times(const Number& y) const {
    const Number near = Math::Where(negative_, (y * root_) * root_, y) / denominator_;
    return Math::Where(far_, Math::Where(negative_, Math::SignedZero(y), y), near);
  }

 private:
  using Mask = typename Math::Mask;

  TFCUSTOMACT_FUNCTION explicit ScaledLogistic(const Number& t)
      : negative_(Math::Less(t, Math::Constant(0))),
        far_(Math::Less(Math::Constant(Math::kFar), Math::Abs(t))),
        magnitude_(Math::Where(far_, Math::Constant(Math::kFar), Math::Abs(t))),
        argument_(Math::Where(negative_, -magnitude_, magnitude_)),
        root_(Math::ExpOfMinusHalf(magnitude_)),
        square_(root_ * root_),
        denominator_(Math::Constant(1) + square_) {}

  Mask negative_, far_;
  Number magnitude_, argument_, root_, square_, denominator_;
};

}  // namespace tfcustomact
