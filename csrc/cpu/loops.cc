// The loops over arrays. Compiled once per instruction set, with TFCUSTOMACT_TABLE naming the table it fills.
#define HWY_COMPILE_ONLY_STATIC
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "csrc/cpu/kernel_table.h"
#include "csrc/cpu/lanes.h"
#include "csrc/cpu/two.h"
#include "csrc/formulas/activations.h"
#include "csrc/numbers/float64.h"
#include "csrc/numbers/half.h"
#include "csrc/numbers/pair.h"
#include "csrc/numbers/single.h"
#include "csrc/numbers/wide.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {
namespace {

using cpu::Access;
using FloatD = hn::ScalableTag<float>;
using DoubleD = hn::ScalableTag<double>;
using WideMath = Wide<Lanes<DoubleD>>;
using PairMath = Pair<Lanes<DoubleD>>;

// A float32 lane for every float64 lane.
using FewFloatsD = hn::Rebind<float, DoubleD>;

template <class D>
HWY_INLINE hn::Vec<D> LoadFloats(D d, const float* from) {
  return hn::LoadU(d, from);
}

template <class D, class T>
HWY_INLINE hn::Vec<D> LoadFloats(D d, const T* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<T, D>(), from));
}

// Without an instruction for it, Highway takes infinities and NaN for numbers from 2^16 on.
template <class D>
HWY_INLINE hn::Vec<D> LoadFloats(D d, const hwy::float16_t* from) {
  const auto x = hn::PromoteTo(d, hn::LoadU(hn::Rebind<hwy::float16_t, D>(), from));
  if constexpr (HWY_ARCH_ARM || HWY_TARGET <= HWY_AVX2) {
    return x;
  } else {
    const auto infinity = hn::Set(d, std::numeric_limits<float>::infinity());
    return hn::IfThenElse(hn::Ge(hn::Abs(x), hn::Set(d, 65536.0f)), hn::Or(x, infinity), x);
  }
}

template <class D>
HWY_INLINE void Store(D d, hn::Vec<D> v, hn::TFromD<D>* to, Access access) {
  if (access == Access::kNonTemporal) {
    hn::Stream(v, d, to);
  } else {
    hn::StoreU(v, d, to);
  }
}

template <class D>
HWY_INLINE void StoreFloats(D d, hn::Vec<D> v, float* to, Access access) {
  Store(d, v, to, access);
}

template <class D, class T>
HWY_INLINE void StoreFloats(D, hn::Vec<D> v, T* to, Access access) {
  const hn::Rebind<T, D> narrow;
  Store(narrow, hn::DemoteTo(narrow, v), to, access);
}

using TwoVectors = Two<Lanes<FloatD>>;
using FourVectors = Two<TwoVectors>;
using TwoDoubleVectors = Two<Lanes<DoubleD>>;

template <class T>
HWY_INLINE void Read(const T* from, TwoVectors* x) {
  *x = {{LoadFloats(FloatD(), from)}, {LoadFloats(FloatD(), from + hn::Lanes(FloatD()))}};
}

template <class T>
HWY_INLINE void Write(TwoVectors y, T* to, Access access) {
  StoreFloats(FloatD(), y.first.v, to, access);
  StoreFloats(FloatD(), y.second.v, to + hn::Lanes(FloatD()), access);
}

// bfloat16 is the upper half of a float32: the elements at even places go into one vector, those at odd places into the
// other, and none changes its place.
using HalvesD = hn::Repartition<std::uint16_t, FloatD>;
using WordsD = hn::Repartition<std::uint32_t, FloatD>;

HWY_INLINE void Read(const hwy::bfloat16_t* from, TwoVectors* x) {
  const auto words = hn::BitCast(WordsD(), hn::LoadU(HalvesD(), reinterpret_cast<const std::uint16_t*>(from)));
  *x = {{hn::BitCast(FloatD(), hn::ShiftLeft<16>(words))},
        {hn::BitCast(FloatD(), hn::And(words, hn::Set(WordsD(), 0xFFFF0000u)))}};
}

// Rounds to the nearest, and away from zero where two are equally near, as for dy * 1.5: half of the last place is
// added, and the lower half of the bits forgotten. Rounding those to even would take twice the operations. A NaN that
// came from bfloat16 has no bit that the sum could carry.
HWY_INLINE void Write(TwoVectors y, hwy::bfloat16_t* to, Access access) {
  const HalvesD halves;
  const auto half_a_place = hn::Set(WordsD(), 0x8000u);
  const auto even = hn::Add(hn::BitCast(WordsD(), y.first.v), half_a_place);
  const auto odd = hn::Add(hn::BitCast(WordsD(), y.second.v), half_a_place);
  const auto places = hn::OddEven(hn::BitCast(halves, odd), hn::BitCast(halves, hn::ShiftRight<16>(even)));
  Store(halves, places, reinterpret_cast<std::uint16_t*>(to), access);
}

HWY_INLINE void Read(const double* from, TwoDoubleVectors* x) {
  *x = {{hn::LoadU(DoubleD(), from)}, {hn::LoadU(DoubleD(), from + hn::Lanes(DoubleD()))}};
}

HWY_INLINE void Write(TwoDoubleVectors y, double* to, Access access) {
  Store(DoubleD(), y.first.v, to, access);
  Store(DoubleD(), y.second.v, to + hn::Lanes(DoubleD()), access);
}

template <class T>
HWY_INLINE void Read(const T* from, FourVectors* x) {
  Read(from, &x->first);
  Read(from + 2 * hn::Lanes(FloatD()), &x->second);
}

template <class T>
HWY_INLINE void Write(FourVectors y, T* to, Access access) {
  Write(y.first, to, access);
  Write(y.second, to + 2 * hn::Lanes(FloatD()), access);
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
  static constexpr bool kReadsDy = kOrder != Order::kValue, kIsBoundByMemory = false;
  static HWY_INLINE std::size_t Step() { return hn::Lanes(DoubleD()); }

  explicit WideLoop(double parameter) : parameter_(static_cast<float>(parameter)) {}

  HWY_INLINE void Run(const T* dy, const T* x, T* out, Access) const {
    const FewFloatsD df;
    const Lanes<DoubleD> wide = {hn::PromoteTo(DoubleD(), LoadFloats(df, x))};
    Lanes<DoubleD> y = F::template Call<WideMath>(WideMath::FromFloats(wide), parameter_);
    if constexpr (kReadsDy) y = y * Lanes<DoubleD>{hn::PromoteTo(DoubleD(), LoadFloats(df, dy))};
    StoreFloats(df, hn::DemoteTo(df, y.v), out, Access::kCached);
  }

 private:
  WideMath::Coefficient parameter_;
};

// float64 through pairs of float64 lanes.
template <class F, Order kOrder>
struct PairLoop {
  using Element = double;
  static constexpr bool kReadsDy = kOrder != Order::kValue, kIsBoundByMemory = false;
  static HWY_INLINE std::size_t Step() { return hn::Lanes(DoubleD()); }

  explicit PairLoop(double parameter) : parameter_(parameter) {}

  HWY_INLINE void Run(const double* dy, const double* x, double* out, Access) const {
    Lanes<DoubleD> y = PairMath::ToLanes(F::template Call<PairMath>(PairMath::FromLanes(Load(x)), parameter_));
    if constexpr (kReadsDy) y = y * Load(dy);
    hn::StoreU(y.v, DoubleD(), out);
  }

 private:
  static HWY_INLINE Lanes<DoubleD> Load(const double* from) { return {hn::LoadU(DoubleD(), from)}; }

  PairMath::Coefficient parameter_;
};

// The bits of `size` in T. A reach is rounded: half an ULP of T more or less is within what it leaves to spare.
HWY_INLINE std::int32_t BitsOf(float, double size) {
  const float rounded = static_cast<float>(size);
  std::int32_t bits;
  std::memcpy(&bits, &rounded, sizeof bits);
  return bits;
}

HWY_INLINE std::int64_t BitsOf(double, double size) {
  std::int64_t bits;
  std::memcpy(&bits, &size, sizeof bits);
  return bits;
}

HWY_INLINE std::int16_t BitsOf(hwy::bfloat16_t, double size) {
  return static_cast<std::int16_t>(BitsOf(float(), size) >> 16);
}

HWY_INLINE std::int16_t BitsOf(hwy::float16_t, double size) {
  constexpr double kLargest = 65504;
  const hwy::float16_t rounded = hwy::F16FromF32(static_cast<float>(size < kLargest ? size : kLargest));
  std::int16_t bits;
  std::memcpy(&bits, &rounded, sizeof bits);
  return bits;
}

// How elements of type T are computed: by the fast model with Constants over vectors of Lane, and what that does not
// reach by Precise.
template <class T>
struct ModelsOf {
  using Lane = float;
  using Constants = std::conditional_t<std::is_same_v<T, hwy::float16_t>, Float16Constants, BFloat16Constants>;
  template <class F, Order kOrder>
  using Precise = WideLoop<F, kOrder, T>;
};
template <>
struct ModelsOf<float> {
  using Lane = float;
  using Constants = Float32Constants;
  template <class F, Order kOrder>
  using Precise = WideLoop<F, kOrder, float>;
};
template <>
struct ModelsOf<double> {
  using Lane = double;
  using Constants = Float64Constants;
  template <class F, Order kOrder>
  using Precise = PairLoop<F, kOrder>;
};

// The fast model where every element of a step is in its reach, else the precise one. `kIsOne` tells that the parameter
// is 1.
template <template <class> class Formula, Order kOrder, typename T, bool kIsOne>
struct SingleLoop {
  using Element = T;
  using Lane = typename ModelsOf<T>::Lane;
  using Constants = typename ModelsOf<T>::Constants;
  // Numbers that keep their roundings are so many that four vectors of them do not find registers.
  static constexpr bool kFourVectors = !Constants::kShowsRoundings;
  using D = hn::ScalableTag<Lane>;
  using Number = std::conditional_t<kFourVectors, Two<Two<Lanes<D>>>, Two<Lanes<D>>>;
  using Math = Single<Number, Constants, kIsOne>;
  using F = Function<Formula, kOrder>;
  static constexpr bool kReadsDy = kOrder != Order::kValue, kIsBoundByMemory = true;
  static HWY_INLINE std::size_t NumberSize() { return (kFourVectors ? 4 : 2) * hn::Lanes(D()); }
  static HWY_INLINE std::size_t Step() { return kNumbers * NumberSize(); }

  explicit SingleLoop(double parameter)
      : precise_(parameter),
        parameter_(static_cast<Lane>(parameter)),
        is_carried_(Math::Carries(static_cast<Lane>(parameter))),
        reach_(is_carried_ && !kReachesAll ? BitsOf(T(), Reach(static_cast<Lane>(parameter))) : -1) {}

  HWY_INLINE void Run(const T* dy, const T* x, T* out, Access access) const {
    if (HWY_UNLIKELY(!Reaches(x))) {
      for (std::size_t i = 0; i < Step(); i += precise_.Step()) {
        precise_.Run(kReadsDy ? dy + i : nullptr, x + i, out + i, access);
      }
      return;
    }
    if constexpr (kHasStages) {
      // A slope is so long a chain of operations that a processor cannot look far enough ahead to fill its waits with
      // the next one's: first the exponentials of the whole step, then all that follows takes a fifth less time.
      typename Math::Divisor divisors[kNumbers];
      for (std::size_t n = 0; n < kNumbers; ++n) divisors[n] = {parameter_, Load(x + n * NumberSize())};
      for (std::size_t n = 0; n < kNumbers; ++n) {
        const std::size_t i = n * NumberSize();
        const typename Math::Tail tail(parameter_, Load(x + i), divisors[n]);
        Write(Formula<Math>::SlopeOf(tail) * Load(dy + i), out + i, access);
      }
    } else {
      for (std::size_t i = 0; i < Step(); i += NumberSize()) {
        Number y = F::template Call<Math>(Load(x + i), parameter_);
        if constexpr (kReadsDy) y = y * Load(dy + i);
        Write(y, out + i, access);
      }
    }
  }

 private:
  static constexpr bool kHasStages = kOrder == Order::kSlope && Formula<Math>::kSlopeIsOfTail;
  static constexpr std::size_t kNumbers = kFourVectors ? 2 : 4;
  using Bits = decltype(BitsOf(T(), 0));
  using BitsD = hn::ScalableTag<Bits>;

  static HWY_INLINE Number Load(const T* from) {
    Number x;
    Read(from, &x);
    return x;
  }

  static constexpr double Reach(double parameter) {
    return kReadsDy ? Formula<Math>::SlopeReach(parameter) : Formula<Math>::ValueReach(parameter);
  }
  static constexpr bool kReachesAll = Reach(1) == std::numeric_limits<double>::infinity();

  // The bits of sizes are in the order of the sizes, and those of NaN above.
  HWY_INLINE bool Reaches(const T* x) const {
    if constexpr (kReachesAll) return is_carried_;
    const BitsD d;
    const auto size = hn::Set(d, static_cast<Bits>(~(Bits{1} << (8 * sizeof(Bits) - 1))));
    const auto* bits = reinterpret_cast<const Bits*>(x);
    auto largest = hn::And(hn::LoadU(d, bits), size);
    for (std::size_t i = hn::Lanes(d); i < Step(); i += hn::Lanes(d))
      largest = hn::Max(largest, hn::And(hn::LoadU(d, bits + i), size));
    return hn::AllFalse(d, hn::Gt(largest, hn::Set(d, reach_)));
  }

  typename ModelsOf<T>::template Precise<F, kOrder> precise_;
  typename Math::Coefficient parameter_;
  bool is_carried_;
  Bits reach_;
};

// Asks for what is read soon of an array that does not come from the second-level cache. Processors look ahead by
// themselves, but not beyond a page. Between 1,024 and 4,096 bytes ahead the time is the same to 4 %, and a tenth less
// than with nothing fetched. Finding a small page that was not read lately takes longer than that distance gives: one
// address is asked for four pages ahead. Of 2^26 elements in small pages a value then takes a sixth less time, a
// derivative 3 % (Intel, AVX-512, on a virtual machine).
template <class T>
HWY_INLINE void FetchAhead(const T* from, std::size_t count) {
  constexpr std::size_t kBytesAhead = 2048, kPagesAhead = 4 * 4096, kLine = 64;
  const char* ahead = reinterpret_cast<const char*>(from) + kBytesAhead;
  for (std::size_t i = 0; i < count * sizeof(T); i += kLine) hwy::Prefetch(ahead + i);
  hwy::Prefetch(reinterpret_cast<const char*>(from) + kPagesAhead);
}

// Head and tail go through a padded copy, so that the loops know whole steps only. There is a head where stores are
// non-temporal: those are for aligned vectors.
template <class Loop>
void Run(const void* dy_bytes, const void* x_bytes, void* out_bytes, std::size_t size, double parameter,
         Access access) {
  using T = typename Loop::Element;
  const T* dy = static_cast<const T*>(dy_bytes);
  const T* x = static_cast<const T*>(x_bytes);
  T* out = static_cast<T*>(out_bytes);
  const Loop loop(parameter);
  const std::size_t step = Loop::Step();
  const auto run_some = [&](std::size_t begin, std::size_t count) {
    if (count == 0) return;
    constexpr std::size_t kMostLanes = 8 * HWY_MAX_BYTES / sizeof(float);
    T dy_copy[kMostLanes] = {}, x_copy[kMostLanes] = {}, out_copy[kMostLanes];
    if (Loop::kReadsDy) std::memcpy(dy_copy, dy + begin, count * sizeof(T));
    std::memcpy(x_copy, x + begin, count * sizeof(T));
    loop.Run(dy_copy, x_copy, out_copy, Access::kCached);
    std::memcpy(out + begin, out_copy, count * sizeof(T));
  };

  std::size_t i = 0;
  if (Loop::kIsBoundByMemory && access == Access::kNonTemporal) {
    const std::size_t vector = hn::Lanes(FloatD()) * sizeof(float);
    const std::size_t bytes = (vector - reinterpret_cast<std::uintptr_t>(out) % vector) % vector;
    const std::size_t head = bytes / sizeof(T);
    if (bytes % sizeof(T) == 0 && head <= size) {
      run_some(0, head);
      i = head;
    } else {
      access = Access::kFetchAhead;
    }
  }
  for (; i + step <= size; i += step) {
    if (Loop::kIsBoundByMemory && access != Access::kCached) {
      FetchAhead(x + i, step);
      if (Loop::kReadsDy) FetchAhead(dy + i, step);
    }
    loop.Run(Loop::kReadsDy ? dy + i : nullptr, x + i, out + i, access);
  }
  run_some(i, size - i);
  if (Loop::kIsBoundByMemory && access == Access::kNonTemporal) hwy::FlushStream();
}

template <template <class> class Formula, Order kOrder, typename T>
void RunSingle(const void* dy, const void* x, void* out, std::size_t size, double parameter, Access access) {
  if constexpr (Formula<Single<TwoVectors>>::kScalesX) {
    if (parameter == 1) return Run<SingleLoop<Formula, kOrder, T, true>>(dy, x, out, size, parameter, access);
  }
  Run<SingleLoop<Formula, kOrder, T, false>>(dy, x, out, size, parameter, access);
}

template <template <class> class Formula, Order kOrder, typename T>
constexpr cpu::Kernel KernelOf() {
  if constexpr (kOrder != Order::kCurvature && HWY_NATIVE_FMA) {
    return RunSingle<Formula, kOrder, T>;
  } else {
    return Run<typename ModelsOf<T>::template Precise<Function<Formula, kOrder>, kOrder>>;
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
