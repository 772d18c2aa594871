// What a CUDA thread computes of the elements with one index. It compiles for host and device, so that the tests on the
// host cover the source of the CUDA kernels.
#pragma once

#include <cmath>
#include <type_traits>

#include "csrc/cuda/scalar.h"
#include "csrc/numbers/approximate_math.h"
#include "csrc/numbers/double_double.h"
#include "csrc/numbers/fast_math.h"
#include "csrc/numbers/float64_constants.h"
#include "csrc/numbers/function.h"
#include "csrc/numbers/via_double.h"
#include "csrc/passes/applied.h"
#include "csrc/passes/contracts.h"
#include "csrc/passes/facts.h"
#include "csrc/passes/passes.h"

namespace tfcustomact::cuda {

// The model for x beyond the fast one's reach: float64 for float32 and narrower types, double-double for float64.
template <typename T, class Approximate>
struct Beyond {
  using Math = ViaDouble<Scalar<double, Approximate>>;
};
template <class Approximate>
struct Beyond<double, Approximate> {
  using Math = DoubleDouble<Scalar<double, Approximate>>;
};

// For a parameter of 1: a constant, since the device cannot call the function.
template <class Formula, Order kOrder>
inline constexpr double kReach = ReachOf<Formula>(kOrder, 1);

// A pass over numbers of type T, computed by `Fast` within the formula's reach, and by the model of Beyond elsewhere.
template <class Activation, class APass, typename T, class Fast, class Approximate>
class Element {
  template <typename U>
  using Lanes = Scalar<U, Approximate>;

 public:
  using Number = T;
  using Pass = APass;
  static constexpr int kInputs = passes::kInputsOf<Pass>, kOutputs = passes::kOutputsOf<Pass>;
  // Whether channels have divisors of their own, from which more numbers follow than from factors.
  static constexpr bool kHasOwnDivisors =
      Pass::kRow == Row::kParameter && Activation::kParameter == Parameter::kDivisorOfX;

  // What is stored, and the term of the row's gradient if the pass has one.
  struct Results {
    T out[kOutputs];
    double term;
  };

  // `is_precise`: the precise model computes everything.
  explicit Element(double parameter, bool is_precise = false)
      : fast_(CoefficientOf(static_cast<T>(parameter))), is_precise_(is_precise) {
    const double rounded = static_cast<T>(parameter);
    reach_ = static_cast<T>(!is_precise && Fast::Serves(rounded) ? ReachOf<Formula>(Pass::kOrder, rounded) : -1.0);
  }

  // The same with a channel's number of the row.
  TFCUSTOMACT_FUNCTION Element OfChannel(T number) const {
    Element element = *this;
    if constexpr (Pass::kRow == Row::kParameter) {
      const Lanes<T> parameter = {number};
      element.fast_ = Coefficient(parameter);
      Lanes<T> reach = Lanes<T>::Constant(kReach<Formula, Pass::kOrder>);
      if constexpr (Activation::kParameter == Parameter::kFactorOfX) reach = reach / Lanes<T>::Abs(parameter);
      element.reach_ = !is_precise_ && Fast::Serves(element.fast_) ? reach.v : -1;
    } else {
      element.bias_ = number;
    }
    return element;
  }

  // Whether OfReached can take x. False for NaN.
  TFCUSTOMACT_FUNCTION bool Reaches(T x) const { return std::fabs(WithBias(x)) <= reach_; }

  TFCUSTOMACT_FUNCTION Results OfReached(const T (&in)[kInputs]) const { return Compute<Fast, Lanes<T>>(fast_, in); }

  TFCUSTOMACT_FUNCTION Results OfAny(const T (&in)[kInputs]) const {
    if (Reaches(in[Pass::kX])) return OfReached(in);
    return Compute<Slow, Lanes<double>>(typename Slow::Coefficient(Lanes<double>{fast_.value.v}), in);
  }

 private:
  using Slow = typename Beyond<T, Approximate>::Math;
  using Formula = typename Activation::template Formula<Fast>;
  using Coefficient = typename Fast::Coefficient;
  static_assert(kAreLanes<Lanes<T>> && kIsNumberModel<Fast, Lanes<T>>);
  static_assert(kAreLanes<Lanes<double>> && kIsNumberModel<Slow, Lanes<double>>);

  static Coefficient CoefficientOf(T parameter) {
    if constexpr (Pass::kRow == Row::kParameter) {
      return Coefficient(Lanes<T>{parameter});
    } else {
      return Coefficient(double{parameter});
    }
  }

  TFCUSTOMACT_FUNCTION T WithBias(T x) const {
    if constexpr (Pass::kRow == Row::kBias) return x + bias_;
    return x;
  }

  template <class Math, class L>
  TFCUSTOMACT_FUNCTION Results Compute(const typename Math::Coefficient& parameter, const T (&in)[kInputs]) const {
    L numbers[kInputs], results[passes::kResultsOf<Pass>];
    for (int i = 0; i < kInputs; ++i) numbers[i] = {i == Pass::kX ? WithBias(in[i]) : in[i]};
    Pass::Call(Applied<Activation, Math>(parameter), numbers, results);
    Results rounded;
    for (int i = 0; i < kOutputs; ++i) rounded.out[i] = static_cast<T>(results[i].v);
    rounded.term = Pass::kHasSum ? results[passes::kResultsOf<Pass> - 1].v : 0;
    return rounded;
  }

  Coefficient fast_;
  T reach_, bias_ = 0;
  bool is_precise_;
};

// By the arithmetic that the activation asks for. Sums are promised to float32's precision: their terms do not come
// from the hardware's approximate functions.
template <class Activation, class Pass, DType kDType, class Approximate = Approximations,
          class Arithmetic = typename Activation::Arithmetic>
struct ElementOf;
template <class Activation, class Pass, DType kDType, class Approximate>
struct ElementOf<Activation, Pass, kDType, Approximate, ExponentialArithmetic> {
  using Lanes = std::conditional_t<kDType == DType::kFloat64, Scalar<double, Approximate>, Scalar<float, Approximate>>;
  using Constants = std::conditional_t<kDType == DType::kFloat64, Float64Constants, Float32Constants>;
  static constexpr Factor kFactor = Pass::kRow == Row::kParameter ? Factor::kOwn : Factor::kSame;
  static constexpr bool kIsNarrow = SizeOf(kDType) < sizeof(float);
  using Fast =
      std::conditional_t<kIsNarrow && !Pass::kHasSum, ApproximateMath<Lanes>,
                         FastMath<Lanes, Constants, kFactor, Activation::kParameter == Parameter::kDivisorOfX>>;
  using Type = Element<Activation, Pass, decltype(Lanes::v), Fast, Approximate>;
};

}  // namespace tfcustomact::cuda
