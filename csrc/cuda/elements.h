// What a CUDA thread does to one element: dy * f(x), or f(x) where there is no dy. Host and device, so that the very
// source of the CUDA kernels goes through the tests of the host.
#pragma once

#include "csrc/cuda/scalar.h"
#include "csrc/formulas/activations.h"
#include "csrc/formulas/kinds.h"
#include "csrc/formulas/macros.h"
#include "csrc/numbers/coarse.h"
#include "csrc/numbers/float64.h"
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

// What x is computed with where the fast model does not reach: float64 for float32 and less, pairs for float64.
template <typename T, class Approximate>
struct Beyond {
  using Math = Wide<Scalar<double, Approximate>>;
  static TFCUSTOMACT_FUNCTION typename Math::Input From(float x) { return Math::FromFloats({x}); }
  static TFCUSTOMACT_FUNCTION double To(const typename Math::Number& y) { return y.v; }
};
template <class Approximate>
struct Beyond<double, Approximate> {
  using Math = Pair<Scalar<double, Approximate>>;
  static TFCUSTOMACT_FUNCTION typename Math::Input From(double x) { return Math::FromLanes({x}); }
  static TFCUSTOMACT_FUNCTION double To(const typename Math::Number& y) { return Math::ToLanes(y).v; }
};

// Numbers of type T are computed by `Fast` where it reaches.
template <template <class> class Formula, Order kOrder, typename T, class Fast, class Approximate>
class Element {
 public:
  using Number = T;
  static constexpr Order kDerivative = kOrder;

  explicit Element(double parameter) : Element(static_cast<T>(parameter), Rounded()) {}

  // Whether OfReached can take x.
  TFCUSTOMACT_FUNCTION bool Reaches(T x) const { return std::fabs(x) <= reach_; }

  TFCUSTOMACT_FUNCTION T OfReached(T dy, T x) const {
    const T y = Derivative<Formula, kOrder, Fast>({x}, fast_).v;
    return kOrder == Order::kValue ? y : dy * y;
  }

  TFCUSTOMACT_FUNCTION T OfAny(T dy, T x) const {
    if (Reaches(x)) return OfReached(dy, x);
    const double y = Slow::To(Derivative<Formula, kOrder, typename Slow::Math>(Slow::From(x), slow_));
    return static_cast<T>(kOrder == Order::kValue ? y : dy * y);
  }

 private:
  using Slow = Beyond<T, Approximate>;
  struct Rounded {};

  Element(double parameter, Rounded)
      : fast_(parameter),
        slow_(parameter),
        reach_(static_cast<T>(Fast::Carries(parameter) ? Reach(parameter) : -1.0)) {}

  static double Reach(double parameter) {
    return kOrder == Order::kValue ? Formula<Fast>::ValueReach(parameter) : Formula<Fast>::SlopeReach(parameter);
  }

  typename Fast::Coefficient fast_;
  typename Slow::Math::Coefficient slow_;
  T reach_;
};

template <template <class> class Formula, Order kOrder, DType kDType, class Approximate = Approximations>
struct ElementOf {
  using Type = Element<Formula, kOrder, float, Coarse<Scalar<float, Approximate>>, Approximate>;
};
template <template <class> class Formula, Order kOrder, class Approximate>
struct ElementOf<Formula, kOrder, DType::kFloat32, Approximate> {
  using Type = Element<Formula, kOrder, float, Single<Scalar<float, Approximate>>, Approximate>;
};
template <template <class> class Formula, Order kOrder, class Approximate>
struct ElementOf<Formula, kOrder, DType::kFloat64, Approximate> {
  using Type = Element<Formula, kOrder, double, Single<Scalar<double, Approximate>, Float64Constants>, Approximate>;
};

}  // namespace tfcustomact::cuda
