// The loops over the precise number models: for elements beyond the reach of the fast ones, second derivatives, and
// machines without fused multiply-add.
#pragma once

#include "csrc/cpu/elements.h"
#include "csrc/cpu/pointers.h"
#include "csrc/numbers/double_double.h"
#include "csrc/numbers/via_double.h"
#include "csrc/passes/applied.h"
#include "csrc/passes/contracts.h"
#include "csrc/passes/passes.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

// One vector of elements, as float64 lanes.
template <class T>
HWY_INLINE Lanes<DoubleD> LoadDoubles(const T* from) {
  return {hn::PromoteTo(DoubleD(), LoadFloats(FewFloatsD(), from))};
}
HWY_INLINE Lanes<DoubleD> LoadDoubles(const double* from) { return {hn::LoadU(DoubleD(), from)}; }

template <class T>
HWY_INLINE void StoreDoubles(Lanes<DoubleD> y, T* to) {
  StoreFloats(FewFloatsD(), hn::DemoteTo(FewFloatsD(), y.v), to, Access::kCached);
}
HWY_INLINE void StoreDoubles(Lanes<DoubleD> y, double* to) { hn::StoreU(y.v, DoubleD(), to); }

// Elements with the numbers of a row added to them, in the type of the row.
template <class T>
HWY_INLINE Lanes<DoubleD> LoadBiased(const T* from, const float* row) {
  const FewFloatsD d;
  return {hn::PromoteTo(DoubleD(), hn::Add(LoadFloats(d, from), hn::LoadU(d, row)))};
}
HWY_INLINE Lanes<DoubleD> LoadBiased(const double* from, const double* row) {
  return LoadDoubles(from) + LoadDoubles(row);
}

// Elements of type T by `Math`, which computes in float64 lanes, with the parameter rounded to `Rounded`.
template <class Activation, class APass, typename T, class Math, typename Rounded>
struct PreciseLoop {
  using Element = T;
  using Pass = APass;
  static constexpr bool kIsBoundByMemory = false;
  static constexpr bool kAddsFewTerms = false;
  static constexpr int kRowParts = 1;
  static HWY_INLINE std::size_t Step() { return hn::Lanes(DoubleD()); }

  explicit PreciseLoop(const Arguments& arguments) : parameter_(static_cast<Rounded>(arguments.parameter)) {}

  HWY_INLINE void Run(const Pointers<Pass, T>& at, std::size_t i, Access) const {
    Lanes<DoubleD> numbers[passes::kInputsOf<Pass>], results[passes::kResultsOf<Pass>];
    for (int k = 0; k < passes::kInputsOf<Pass>; ++k) {
      const bool is_biased = Pass::kRow == Row::kBias && k == Pass::kX;
      numbers[k] = is_biased ? LoadBiased(at.in[k] + i, at.row + i) : LoadDoubles(at.in[k] + i);
    }
    if constexpr (Pass::kRow == Row::kParameter) {
      const Coefficient parameter(LoadDoubles(at.row + i));
      Pass::Call(Applied<Activation, Math>(parameter), numbers, results);
    } else {
      Pass::Call(Applied<Activation, Math>(parameter_), numbers, results);
    }
    for (int k = 0; k < passes::kOutputsOf<Pass>; ++k) StoreDoubles(results[k], at.out[k] + i);
    if constexpr (Pass::kHasSum) {
      AddDoubles(results[passes::kOutputsOf<Pass>], at.sums + i, at.errors + i, T());
    }
  }

 private:
  using Coefficient = typename Math::Coefficient;
  static_assert(kAreLanes<Lanes<DoubleD>> && kIsNumberModel<Math, Lanes<DoubleD>>);

  Coefficient parameter_;
};

// float16, bfloat16 and float32.
template <class Activation, class Pass, typename T>
using ViaDoubleLoop = PreciseLoop<Activation, Pass, T, ViaDouble<Lanes<DoubleD>>, float>;

// float64.
template <class Activation, class Pass>
using DoubleDoubleLoop = PreciseLoop<Activation, Pass, double, DoubleDouble<Lanes<DoubleD>>, double>;

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
