// The loops over the precise number models: for what the fast ones do not reach, second derivatives, and machines
// without fused multiply-add.
#pragma once

#include "csrc/cpu/elements.h"
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

// Elements of type T by `Math`, which computes in float64 lanes, with the parameter rounded to `Rounded`.
template <class Activation, class APass, typename T, class Math, typename Rounded>
struct PreciseLoop {
  using Element = T;
  using Pass = APass;
  static constexpr bool kIsBoundByMemory = false;
  static HWY_INLINE std::size_t Step() { return hn::Lanes(DoubleD()); }

  explicit PreciseLoop(double parameter) : parameter_(static_cast<Rounded>(parameter)) {}

  HWY_INLINE void Run(const T* const* in, T* const* out, std::size_t i, Access) const {
    Lanes<DoubleD> numbers[passes::kInputsOf<Pass>], results[passes::kOutputsOf<Pass>];
    for (int k = 0; k < passes::kInputsOf<Pass>; ++k) numbers[k] = LoadDoubles(in[k] + i);
    Pass::Call(Applied<Activation, Math>(parameter_), numbers, results);
    for (int k = 0; k < passes::kOutputsOf<Pass>; ++k) StoreDoubles(results[k], out[k] + i);
  }

 private:
  static_assert(kIsNumberModel<Math, Lanes<DoubleD>>);

  typename Math::Coefficient parameter_;
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
