// The loop over the fast number model. It leaves a step to the precise loop if one of its elements is out of reach.
#pragma once

#include "csrc/cpu/elements.h"
#include "csrc/cpu/models.h"
#include "csrc/cpu/reach.h"
#include "csrc/numbers/fast_math.h"
#include "csrc/passes/applied.h"
#include "csrc/passes/contracts.h"
#include "csrc/passes/passes.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

// An activation whose derivative depends on its Tail alone, for an x whose Divisor has been computed already.
template <class Activation, class Math>
struct WithDivisor : Applied<Activation, Math> {
  using Formula = typename Activation::template Formula<Math>;

  HWY_INLINE WithDivisor(const typename Math::Coefficient& parameter, const typename Math::Divisor& divisor)
      : Applied<Activation, Math>(parameter), divisor(divisor) {}

  HWY_INLINE typename Math::Number Derivative(const typename Math::Number& x) const {
    return Formula::DerivativeOf(typename Math::Tail(this->parameter_, x, divisor));
  }

  const typename Math::Divisor& divisor;
};

// `kIsOne` says that the parameter is 1.
template <class Activation, class APass, typename T, bool kIsOne>
class FastLoop {
  using Models = ModelsOf<typename Activation::Arithmetic, T>;
  using Lane = typename Models::Lane;
  using Constants = typename Models::Constants;
  // With rounding errors to keep as well, four vectors side by side would spill registers.
  static constexpr bool kFourVectors = !Constants::kCorrectsRoundings;
  using D = hn::ScalableTag<Lane>;
  using Number = std::conditional_t<kFourVectors, Two<Two<Lanes<D>>>, Two<Lanes<D>>>;
  using Math = FastMath<Number, Constants, kIsOne>;
  using Formula = typename Activation::template Formula<Math>;
  static_assert(kIsNumberModel<Math, Number>);

 public:
  using Element = T;
  using Pass = APass;
  static constexpr bool kIsBoundByMemory = true;
  static HWY_INLINE std::size_t Step() { return kNumbers * NumberSize(); }

  explicit FastLoop(double parameter)
      : precise_(parameter),
        parameter_(static_cast<Lane>(parameter)),
        is_served_(Math::Serves(static_cast<Lane>(parameter))),
        reach_(is_served_ ? Reach<T>::UpTo(MaxSize(static_cast<Lane>(parameter))) : Reach<T>::Nothing()) {}

  HWY_INLINE void Run(const T* const* in, T* const* out, std::size_t i, Access access) const {
    if (HWY_UNLIKELY(!Reaches(in[Pass::kX] + i))) {
      for (std::size_t end = i + Step(); i < end; i += precise_.Step()) precise_.Run(in, out, i, access);
      return;
    }
    if constexpr (kHasStages) {
      // A derivative is a chain of dependent operations, too long for a processor to overlap it with the next one. To
      // compute the exponentials of all numbers of the step first, and everything else after that, takes a fifth less
      // time.
      typename Math::Divisor divisors[kNumbers];
      for (std::size_t n = 0; n < kNumbers; ++n) divisors[n] = {parameter_, Load(in[Pass::kX] + i + n * NumberSize())};
      for (std::size_t n = 0; n < kNumbers; ++n) {
        Call(WithDivisor<Activation, Math>(parameter_, divisors[n]), in, out, i + n * NumberSize(), access);
      }
    } else {
      for (std::size_t n = 0; n < kNumbers; ++n) {
        Call(Applied<Activation, Math>(parameter_), in, out, i + n * NumberSize(), access);
      }
    }
  }

 private:
  static constexpr bool kHasStages = Pass::kOrder == Order::kDerivative && Formula::kDerivativeIsOfTail;
  static constexpr std::size_t kNumbers = kFourVectors ? 2 : 4;
  static HWY_INLINE std::size_t NumberSize() { return (kFourVectors ? 4 : 2) * hn::Lanes(D()); }

  static HWY_INLINE Number Load(const T* from) {
    Number x;
    Read(from, &x);
    return x;
  }

  // Numbers that are read where a pass asks for them: read before, they would take registers.
  struct Inputs {
    const T* const* in;
    std::size_t i;
    HWY_INLINE Number operator[](int k) const { return Load(in[k] + i); }
  };

  // All inputs are read before an output is written, since an output may be an input.
  template <class F>
  static HWY_INLINE void Call(const F& f, const T* const* in, T* const* out, std::size_t i, Access access) {
    Number results[passes::kOutputsOf<Pass>];
    Pass::Call(f, Inputs{in, i}, results);
    for (int k = 0; k < passes::kOutputsOf<Pass>; ++k) Write(results[k], out[k] + i, access);
  }

  static constexpr double MaxSize(double parameter) {
    return Pass::kOrder == Order::kValue ? Formula::ValueReach(parameter) : Formula::DerivativeReach(parameter);
  }

  HWY_INLINE bool Reaches(const T* x) const {
    if constexpr (MaxSize(1) == std::numeric_limits<double>::infinity()) return is_served_;
    return reach_.Has(x, Step());
  }

  typename Models::template Precise<Activation, Pass> precise_;
  typename Math::Coefficient parameter_;
  bool is_served_;
  Reach<T> reach_;
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
