// An activation with its parameter, as the passes want it: a function of lanes, computed by a number model.
#pragma once

#include "csrc/numbers/function.h"

namespace tfcustomact {

template <class Activation, class Math>
class Applied {
  using Formula = typename Activation::template Formula<Math>;
  using Coefficient = typename Math::Coefficient;

 public:
  TFCUSTOMACT_FUNCTION explicit Applied(const Coefficient& parameter) : parameter_(parameter) {}

  template <class Lanes>
  TFCUSTOMACT_FUNCTION Lanes Value(const Lanes& x) const {
    return Math::ToLanes(Formula::Value(Math::FromLanes(x), parameter_));
  }
  template <class Lanes>
  TFCUSTOMACT_FUNCTION Lanes Derivative(const Lanes& x) const {
    return Math::ToLanes(Formula::Derivative(Math::FromLanes(x), parameter_));
  }
  template <class Lanes>
  TFCUSTOMACT_FUNCTION Lanes SecondDerivative(const Lanes& x) const {
    return Math::ToLanes(Formula::SecondDerivative(Math::FromLanes(x), parameter_));
  }
  template <class Lanes>
  TFCUSTOMACT_FUNCTION Lanes ByParameter(const Lanes& x) const {
    return Math::ToLanes(Formula::ByParameter(Math::FromLanes(x), parameter_));
  }

 protected:
  const Coefficient& parameter_;
};

}  // namespace tfcustomact
