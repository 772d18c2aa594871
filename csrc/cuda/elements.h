// What a CUDA thread computes of the elements with one index. It compiles for host and device, so that the tests on the
// host cover the source of the CUDA kernels.
#pragma once

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

// A pass over numbers of type T, computed by `Fast` within its reach.
template <class Activation, class APass, typename T, class Fast, class Approximate>
class Element {
 public:
  using Number = T;
  using Pass = APass;
  static constexpr int kInputs = passes::kInputsOf<Pass>, kOutputs = passes::kOutputsOf<Pass>;

  explicit Element(double parameter) : Element(static_cast<T>(parameter), Rounded()) {}

  // Whether OfReached can take x.
  TFCUSTOMACT_FUNCTION bool Reaches(T x) const { return std::fabs(x) <= reach_; }

  TFCUSTOMACT_FUNCTION void OfReached(const T (&in)[kInputs], T (&out)[kOutputs]) const {
    Compute<Fast, Scalar<T, Approximate>>(fast_, in, out);
  }

  TFCUSTOMACT_FUNCTION void OfAny(const T (&in)[kInputs], T (&out)[kOutputs]) const {
    if (Reaches(in[Pass::kX])) return OfReached(in, out);
    Compute<Slow, Scalar<double, Approximate>>(slow_, in, out);
  }

 private:
  using Slow = typename Beyond<T, Approximate>::Math;
  using Formula = typename Activation::template Formula<Fast>;
  static_assert(kIsNumberModel<Fast, Scalar<T, Approximate>> && kIsNumberModel<Slow, Scalar<double, Approximate>>);
  struct Rounded {};

  Element(double parameter, Rounded)
      : fast_(parameter),
        slow_(parameter),
        reach_(static_cast<T>(Fast::Serves(parameter) ? MaxSize(parameter) : -1.0)) {}

  static double MaxSize(double parameter) {
    return Pass::kOrder == Order::kValue ? Formula::ValueReach(parameter) : Formula::DerivativeReach(parameter);
  }

  template <class Math, class Lanes>
  static TFCUSTOMACT_FUNCTION void Compute(const typename Math::Coefficient& parameter, const T (&in)[kInputs],
                                           T (&out)[kOutputs]) {
    Lanes numbers[kInputs], results[kOutputs];
    for (int i = 0; i < kInputs; ++i) numbers[i] = {in[i]};
    Pass::Call(Applied<Activation, Math>(parameter), numbers, results);
    for (int i = 0; i < kOutputs; ++i) out[i] = static_cast<T>(results[i].v);
  }

  typename Fast::Coefficient fast_;
  typename Slow::Coefficient slow_;
  T reach_;
};

// By the arithmetic that the activation asks for.
template <class Activation, class Pass, DType kDType, class Approximate = Approximations,
          class Arithmetic = typename Activation::Arithmetic>
struct ElementOf;
template <class Activation, class Pass, DType kDType, class Approximate>
struct ElementOf<Activation, Pass, kDType, Approximate, ExponentialArithmetic> {
  using Type = Element<Activation, Pass, float, ApproximateMath<Scalar<float, Approximate>>, Approximate>;
};
template <class Activation, class Pass, class Approximate>
struct ElementOf<Activation, Pass, DType::kFloat32, Approximate, ExponentialArithmetic> {
  using Type = Element<Activation, Pass, float, FastMath<Scalar<float, Approximate>>, Approximate>;
};
template <class Activation, class Pass, class Approximate>
struct ElementOf<Activation, Pass, DType::kFloat64, Approximate, ExponentialArithmetic> {
  using Type = Element<Activation, Pass, double, FastMath<Scalar<double, Approximate>, Float64Constants>, Approximate>;
};

}  // namespace tfcustomact::cuda
