// The loops over arrays. Compiled once per instruction set, with TFCUSTOMACT_TABLE naming the table it fills.
#define HWY_COMPILE_ONLY_STATIC
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "csrc/cpu/kernel_table.h"
#include "csrc/cpu/mixed.h"
#include "csrc/cpu/narrow.h"
#include "csrc/cpu/pair.h"
#include "csrc/cpu/wide.h"
#include "csrc/formulas/activations.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {
namespace {

// A float32 lane for every float64 lane.
using FloatD = hn::Rebind<float, Wide::D>;

template <class D>
HWY_INLINE hn::Vec<D> LoadFloats(D d, const float* from) {
  return hn::LoadU(d, from);
}

template <class D, class T>
HWY_INLINE hn::Vec<D> LoadFloats(D d, const T* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<T, D>(), from));
}

template <class D>
HWY_INLINE void StoreFloats(D d, hn::Vec<D> v, float* to) {
  hn::StoreU(v, d, to);
}

template <class D, class T>
HWY_INLINE void StoreFloats(D, hn::Vec<D> v, T* to) {
  const hn::Rebind<T, D> narrow;
  hn::StoreU(hn::DemoteTo(narrow, v), narrow, to);
}

// One derivative of one activation, as a function of numbers of whatever model.
template <template <class> class Formula, Order kOrder>
struct Function {
  template <class Math>
  static HWY_INLINE typename Math::Number Call(const typename Math::Input& x,
                                               const typename Math::Coefficient& parameter) {
    if constexpr (kOrder == Order::kValue) return Formula<Math>::Value(x, parameter);
    if constexpr (kOrder == Order::kSlope) return Formula<Math>::Slope(x, parameter);
    if constexpr (kOrder == Order::kCurvature) return Formula<Math>::Curvature(x, parameter);
  }
};

// float16, bfloat16 and float32 through float64 lanes.
template <class F, Order kOrder, typename T>
struct WideLoop {
  using Element = T;
  static constexpr bool kReadsDy = kOrder != Order::kValue;
  static HWY_INLINE std::size_t Step() { return hn::Lanes(Wide::D()); }

  explicit WideLoop(double parameter) : parameter_(static_cast<float>(parameter)) {}

  HWY_INLINE void Run(const T* dy, const T* x, T* out) const {
    const FloatD df;
    Wide::Number y = F::template Call<Wide>(Wide::FromFloat(LoadFloats(df, x)), parameter_);
    if constexpr (kReadsDy) y = y * hn::PromoteTo(Wide::D(), LoadFloats(df, dy));
    StoreFloats(df, hn::DemoteTo(df, y), out);
  }

 private:
  Wide::Coefficient parameter_;
};

// A fast model where every element of a step is in its reach, else float64 lanes.
template <template <class> class Formula, Order kOrder, typename T>
struct FastLoop {
  using Element = T;
  static constexpr bool kReadsDy = kOrder != Order::kValue;
  using Math = std::conditional_t<kReadsDy, Mixed, Narrow>;
  using F = Function<Formula, kOrder>;
  static constexpr std::size_t kPairs = 2;
  static HWY_INLINE std::size_t Step() { return kPairs * 2 * hn::Lanes(Narrow::D()); }

  explicit FastLoop(double parameter)
      : wide_(parameter),
        parameter_(static_cast<float>(parameter)),
        reach_(Narrow::Constant(Narrow::Carries(static_cast<float>(parameter)) ? Reach(static_cast<float>(parameter))
                                                                               : -1.0)) {}

  HWY_INLINE void Run(const T* dy, const T* x, T* out) const {
    const Narrow::D d;
    const std::size_t lanes = hn::Lanes(d);
    Narrow::Mask inside = Narrow::Number::LessOrEqual(Abs(LoadTwo(x)), reach_);
    for (std::size_t i = 1; i < kPairs; ++i)
      inside = inside & Narrow::Number::LessOrEqual(Abs(LoadTwo(x + i * 2 * lanes)), reach_);
    if (HWY_UNLIKELY(!hn::AllTrue(d, hn::And(inside.first, inside.second)))) {
      for (std::size_t i = 0; i < Step(); i += wide_.Step()) {
        wide_.Run(kReadsDy ? dy + i : nullptr, x + i, out + i);
      }
      return;
    }
    for (std::size_t i = 0; i < kPairs * 2 * lanes; i += 2 * lanes) {
      Narrow::Number y = Math::ToFloats(F::template Call<Math>(Math::FromFloats(LoadTwo(x + i)), parameter_));
      if constexpr (kReadsDy) y = y * LoadTwo(dy + i);
      StoreFloats(d, y.first, out + i);
      StoreFloats(d, y.second, out + i + lanes);
    }
  }

 private:
  static double Reach(double parameter) {
    return kReadsDy ? Formula<Math>::SlopeReach(Narrow::kLongest, parameter)
                    : Formula<Math>::ValueReach(Narrow::kLongest, parameter);
  }

  static HWY_INLINE Narrow::Number LoadTwo(const T* from) {
    const Narrow::D d;
    return {LoadFloats(d, from), LoadFloats(d, from + hn::Lanes(d))};
  }

  WideLoop<F, kOrder, T> wide_;
  typename Math::Coefficient parameter_;
  Narrow::Number reach_;
};

// float64 through pairs of float64 lanes.
template <class F, Order kOrder>
struct PairLoop {
  using Element = double;
  static constexpr bool kReadsDy = kOrder != Order::kValue;
  static HWY_INLINE std::size_t Step() { return hn::Lanes(PairMath::D()); }

  explicit PairLoop(double parameter) : parameter_(parameter) {}

  HWY_INLINE void Run(const double* dy, const double* x, double* out) const {
    const PairMath::D d;
    PairMath::Lanes y = PairMath::ToLanes(F::template Call<PairMath>(PairMath::FromLanes(hn::LoadU(d, x)), parameter_));
    if constexpr (kReadsDy) y = y * hn::LoadU(d, dy);
    hn::StoreU(y, d, out);
  }

 private:
  PairMath::Coefficient parameter_;
};

// The tail goes through a padded copy, so that the loops know whole steps only.
template <class Loop>
void Run(const void* dy_bytes, const void* x_bytes, void* out_bytes, std::size_t size, double parameter) {
  using T = typename Loop::Element;
  const T* dy = static_cast<const T*>(dy_bytes);
  const T* x = static_cast<const T*>(x_bytes);
  T* out = static_cast<T*>(out_bytes);
  const Loop loop(parameter);
  const std::size_t step = Loop::Step();
  std::size_t i = 0;
  for (; i + step <= size; i += step) loop.Run(Loop::kReadsDy ? dy + i : nullptr, x + i, out + i);
  const std::size_t rest = (size - i) * sizeof(T);
  if (rest == 0) return;
  constexpr std::size_t kMostLanes = 4 * HWY_MAX_BYTES / sizeof(float);
  T dy_tail[kMostLanes] = {}, x_tail[kMostLanes] = {}, out_tail[kMostLanes];
  if (Loop::kReadsDy) std::memcpy(dy_tail, dy + i, rest);
  std::memcpy(x_tail, x + i, rest);
  loop.Run(dy_tail, x_tail, out_tail);
  std::memcpy(out + i, out_tail, rest);
}

template <template <class> class Formula, Order kOrder, typename T>
constexpr cpu::Kernel KernelOf() {
  using F = Function<Formula, kOrder>;
  if constexpr (std::is_same_v<T, double>) {
    return Run<PairLoop<F, kOrder>>;
  } else if constexpr (kOrder != Order::kCurvature && HWY_NATIVE_FMA) {
    return Run<FastLoop<Formula, kOrder, T>>;
  } else {
    return Run<WideLoop<F, kOrder, T>>;
  }
}

#define TFCUSTOMACT_DTYPES(Formula, order)                                                  \
  {KernelOf<Formula, order, hwy::float16_t>(), KernelOf<Formula, order, hwy::bfloat16_t>(), \
   KernelOf<Formula, order, float>(), KernelOf<Formula, order, double>()}
#define TFCUSTOMACT_ORDERS(Formula, name, parameter)                                       \
  {TFCUSTOMACT_DTYPES(Formula, Order::kValue), TFCUSTOMACT_DTYPES(Formula, Order::kSlope), \
   TFCUSTOMACT_DTYPES(Formula, Order::kCurvature)},

constexpr cpu::KernelTable kTable = {{TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_ORDERS)}};

}  // namespace
}  // namespace HWY_NAMESPACE

namespace cpu {
const KernelTable& TFCUSTOMACT_TABLE() { return HWY_NAMESPACE::kTable; }
}  // namespace cpu
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
