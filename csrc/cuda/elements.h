// What a CUDA thread does to one element: dy * f(x), or f(x) where there is no dy. Host and device, so that the very
// source of the CUDA kernels goes through the tests of the host.
#pragma once

#include "csrc/cuda/scalar.h"
#include "csrc/formulas/activations.h"
#include "csrc/formulas/kinds.h"
#include "csrc/formulas/macros.h"
#include "csrc/numbers/coarse.h"
#include "csrc/numbers/pair.h"
#include "csrc/numbers/single.h"
#include "csrc/numbers/wide.h"

namespace tfcustomact::cuda {

template <template <class> class Formula, Order kOrder, class Math>
TFCUSTOMACT_FUNCTION typename Math::Number Derivative(const typename Math::Input& x,
                                                      const typename Math::Coefficient& parameter) {
  if constexpr (kOrder == Order::kValue) {
    return Formula<Math>::Value(x, parameter);
  } else if constexpr (kOrder == Order::kSlope) {
    return Formula<Math>::Slope(x, parameter);
  } else {
    return Formula<Math>::Curvature(x, parameter);
  }
}

// float16, bfloat16 and float32: computed in float, by `Fast` where it reaches and else in float64.
template <template <class> class Formula, Order kOrder, class Fast, class Approximate>
class FloatElement {
 public:
  using Number = float;
  static constexpr Order kDerivative = kOrder;

  explicit FloatElement(double parameter)
      : fast_(static_cast<float>(parameter)),
        wide_(static_cast<float>(parameter)),
        reach_(static_cast<float>(Fast::Carries(static_cast<float>(parameter)) ? Reach(static_cast<float>(parameter))
                                                                               : -1.0)) {}

  // Whether OfReached can take x.
  TFCUSTOMACT_FUNCTION bool Reaches(float x) const { return std::fabs(x) <= reach_; }

  TFCUSTOMACT_FUNCTION float OfReached(float dy, float x) const {
    const float y = Derivative<Formula, kOrder, Fast>({x}, fast_).v;
    return kOrder == Order::kValue ? y : dy * y;
  }

  TFCUSTOMACT_FUNCTION float OfAny(float dy, float x) const {
    if (Reaches(x)) return OfReached(dy, x);
    const double y = Derivative<Formula, kOrder, WideMath>(WideMath::FromFloats({x}), wide_).v;
    return static_cast<float>(kOrder == Order::kValue ? y : dy * y);
  }

 private:
  using WideMath = Wide<Scalar<double, Approximate>>;

  static double Reach(double parameter) {
    return kOrder == Order::kValue ? Formula<Fast>::ValueReach(Fast::kLongest, parameter)
                                   : Formula<Fast>::SlopeReach(Fast::kLongest, parameter);
  }

  typename Fast::Coefficient fast_;
  typename WideMath::Coefficient wide_;
  float reach_;
};

// float64: every x through pairs.
template <template <class> class Formula, Order kOrder, class Approximate>
class DoubleElement {
 public:
  using Number = double;
  static constexpr Order kDerivative = kOrder;

  explicit DoubleElement(double parameter) : parameter_(parameter) {}

  TFCUSTOMACT_FUNCTION bool Reaches(double) const { return true; }

  TFCUSTOMACT_FUNCTION double OfReached(double dy, double x) const { return OfAny(dy, x); }

  TFCUSTOMACT_FUNCTION double OfAny(double dy, double x) const {
    const double y = Math::ToLanes(Derivative<Formula, kOrder, Math>(Math::FromLanes({x}), parameter_)).v;
    return kOrder == Order::kValue ? y : dy * y;
  }

 private:
  using Math = Pair<Scalar<double, Approximate>>;

  typename Math::Coefficient parameter_;
};

template <template <class> class Formula, Order kOrder, DType kDType, class Approximate = Approximations>
struct ElementOf {
  using Type = FloatElement<Formula, kOrder, Coarse<Scalar<float, Approximate>>, Approximate>;
};
template <template <class> class Formula, Order kOrder, class Approximate>
struct ElementOf<Formula, kOrder, DType::kFloat32, Approximate> {
  using Type = FloatElement<Formula, kOrder, Single<Scalar<float, Approximate>>, Approximate>;
};
template <template <class> class Formula, Order kOrder, class Approximate>
struct ElementOf<Formula, kOrder, DType::kFloat64, Approximate> {
  using Type = DoubleElement<Formula, kOrder, Approximate>;
};

}  // namespace tfcustomact::cuda
