// The loop over the fast number model. It leaves a step to the precise loop if one of its elements is beyond the
// formula's reach, the range of |x| in which the fast model computes it (csrc/passes/facts.h).
#pragma once

#include "csrc/cpu/elements.h"
#include "csrc/cpu/models.h"
#include "csrc/cpu/pointers.h"
#include "csrc/cpu/reach.h"
#include "csrc/numbers/fast_math.h"
#include "csrc/passes/applied.h"
#include "csrc/passes/contracts.h"
#include "csrc/passes/passes.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

// An activation whose derivative depends on its Tail alone, for an x whose Divisor has been computed already. x is
// passed by value: where it was a reference, GCC stored copies of it on the stack.
template <class Activation, class Math>
struct WithDivisor : Applied<Activation, Math> {
  using Formula = typename Activation::template Formula<Math>;

  HWY_INLINE WithDivisor(const typename Math::Coefficient& parameter, const typename Math::Divisor& divisor)
      : Applied<Activation, Math>(parameter), divisor(divisor) {}

  HWY_INLINE typename Math::Number Derivative(typename Math::Number x) const {
    return Formula::DerivativeOf(typename Math::Tail(this->parameter_, x, divisor));
  }
  HWY_INLINE typename Math::Number ByParameter(typename Math::Number x) const {
    return Formula::ByParameterOf(typename Math::Tail(this->parameter_, x, divisor), x);
  }

  const typename Math::Divisor& divisor;
};

// `kParameterIsOne` says that the parameter is 1.
template <class Activation, class APass, typename T, bool kParameterIsOne>
class FastLoop {
  using Models = ModelsOf<typename Activation::Arithmetic, T>;
  using Lane = typename Models::Lane;
  // What is promised of sums over halves is about their terms before they are rounded.
  using Constants =
      typename ModelsOf<typename Activation::Arithmetic, std::conditional_t<APass::kHasSum, Lane, T>>::Constants;
  // With rounding errors to keep as well, four vectors side by side would spill registers.
  static constexpr bool kFourVectors = !Constants::kCorrectsRoundings;
  static constexpr bool kHasOwnParameters = APass::kRow == Row::kParameter;
  static constexpr Factor kFactor = kHasOwnParameters ? Factor::kOwn : kParameterIsOne ? Factor::kOne : Factor::kSame;
  using D = hn::ScalableTag<Lane>;
  using Number = std::conditional_t<kFourVectors, Two<Two<Lanes<D>>>, Two<Lanes<D>>>;
  template <class L>
  using MathOver = FastMath<L, Constants, kFactor, Activation::kParameter == Parameter::kDivisorOfX>;
  using Math = MathOver<Number>;
  using Coefficient = typename Math::Coefficient;
  using Formula = typename Activation::template Formula<Math>;
  static_assert(kAreLanes<Number> && kIsNumberModel<Math, Number>);

 public:
  using Element = T;
  using Pass = APass;
  static constexpr bool kIsBoundByMemory = true;
  // Whether terms are added to the sums of few terms.
  static constexpr bool kAddsFewTerms = Pass::kHasSum && std::is_same_v<Lane, float>;
  // The parts of each number of a row: the number itself, and what ComputeParts computes of a parameter once for all
  // rows.
  static constexpr bool kHasParts = kHasOwnParameters && Activation::kParameter != Parameter::kOther;
  static constexpr int kRowParts = kHasParts ? Math::OwnCoefficient::kParts : 1;
  static HWY_INLINE std::size_t Step() { return kNumbers * NumberSize(); }

  // Writes the parts of `count` parameters to arrays that begin `pitch` numbers, a multiple of a vector, apart.
  static void ComputeParts(const Lane* row, std::size_t count, Lane* parts, std::size_t pitch) {
    const D d;
    for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
      // A part of a vector is filled with the first number.
      const Lanes<D> numbers = hn::LoadNOr(hn::Set(d, *row), d, row + i, count - i);
      typename MathOver<Lanes<D>>::Coefficient parameters(numbers);
      Lane* to = parts + i;
      parameters.ForEachPart([&](Lanes<D> part) {
        hn::StoreU(part.v, d, to);
        to += pitch;
      });
    }
  }

  explicit FastLoop(const Arguments& arguments) : FastLoop(arguments, static_cast<Lane>(arguments.parameter)) {}

  HWY_INLINE void Run(const Pointers<Pass, T>& at, std::size_t i, Access access) const {
    if (HWY_UNLIKELY(!Reaches(at, i))) {
      for (std::size_t end = i + Step(); i < end; i += precise_.Step()) precise_.Run(at, i, access);
      return;
    }
    // A derivative is a chain of dependent operations, too long for a processor to overlap it with the next one. To
    // compute the exponentials of all numbers of the step first, and everything else after that, takes a fifth less
    // time.
    [[maybe_unused]] typename Math::Divisor divisors[kNumbers];
    if constexpr (kHasStages) {
      for (std::size_t n = 0; n < kNumbers; ++n) {
        const std::size_t first = i + n * NumberSize();
        divisors[n] = {ParameterAt(at, first), ReadX(at, first)};
      }
    }
    Number x = ReadX(at, i);
    for (std::size_t n = 0; n < kNumbers; ++n) {
      const std::size_t first = i + n * NumberSize();
      const Inputs inputs{at, first, x};
      const auto& parameter = ParameterAt(at, first);
      Number results[passes::kResultsOf<Pass>];
      if constexpr (kHasStages) {
        Pass::Call(WithDivisor<Activation, Math>(parameter, divisors[n]), inputs, results);
      } else {
        Pass::Call(Applied<Activation, Math>(parameter), inputs, results);
      }
      // The next x is read before these results are written: a processor compares only the lower twelve bits of
      // addresses at first, so that reads from just below what was written, modulo 4,096, wait for that store. With
      // non-temporal stores Swish took twice its time then (Zen 4). The last number's x is read again, since a branch
      // takes longer.
      x = ReadX(at, n + 1 < kNumbers ? first + NumberSize() : first);
      WriteResults(results, at, first, access);
    }
  }

 private:
  static constexpr bool kHasStages = Pass::kOrder == Order::kDerivative && Formula::kDerivativeIsOfTail;
  static constexpr std::size_t kNumbers = kFourVectors ? 2 : 4;
  static HWY_INLINE std::size_t NumberSize() { return (kFourVectors ? 4 : 2) * hn::Lanes(D()); }

  // Where elements have parameters of their own, `parameter` is 1, and not used.
  FastLoop(const Arguments& arguments, Lane parameter)
      : precise_(arguments),
        parameter_(FirstParameter(parameter)),
        is_served_(Math::Serves(parameter) && !arguments.rows.is_precise),
        max_size_(ReachOf<Formula>(Pass::kOrder, parameter)),
        reach_(is_served_ ? Reach<T>::UpTo(max_size_) : Reach<T>::Nothing()) {
    if constexpr (kHasOwnParameters) {
      const SizesOf<Lane> sizes(static_cast<const Lane*>(arguments.rows.row), arguments.rows.length);
      is_row_served_ = is_served_ && Math::Serves(sizes.Min()) && Math::Serves(sizes.Max());
      const double largest = Activation::kParameter == Parameter::kFactorOfX ? sizes.Max() : 1;
      reach_ = is_row_served_ ? Reach<T>::UpTo(ReachOf<Formula>(Pass::kOrder, largest)) : Reach<T>::Nothing();
    }
  }

  static Coefficient FirstParameter(Lane parameter) {
    if constexpr (kHasOwnParameters) {
      return Math::One();
    } else {
      return Coefficient(parameter);
    }
  }

  HWY_INLINE std::conditional_t<kHasOwnParameters, Coefficient, const Coefficient&> ParameterAt(
      const Pointers<Pass, T>& at, std::size_t i) const {
    if constexpr (kHasParts) {
      Coefficient parameter;
      const Lane* from = at.row + i;
      parameter.ForEachPart([&](Number& part) {
        part = LoadRow(from);
        from += at.row_pitch;
      });
      return parameter;
    } else if constexpr (kHasOwnParameters) {
      return Coefficient(LoadRow(at.row + i));
    } else {
      return parameter_;
    }
  }

  static HWY_INLINE Number Load(const T* from) {
    Number x;
    Read(from, &x);
    return x;
  }
  static HWY_INLINE Number LoadRow(const Lane* from) {
    Number x;
    ReadRow(from, &x, T());
    return x;
  }

  // What the activation is applied to.
  static HWY_INLINE Number ReadX(const Pointers<Pass, T>& at, std::size_t i) {
    const Number x = Load(at.in[Pass::kX] + i);
    if constexpr (Pass::kRow == Row::kBias) {
      return x + LoadRow(at.row + i);
    } else {
      return x;
    }
  }

  // The inputs: x, which has been read, and others, which are read when the pass asks for them. Read earlier, they
  // would occupy registers.
  struct Inputs {
    const Pointers<Pass, T>& at;
    std::size_t i;
    const Number& x;
    HWY_INLINE Number operator[](int k) const {
      if (k == Pass::kX) return x;
      return Load(at.in[k] + i);
    }
  };

  // Writes to all outputs. All inputs are read before, since an output may be an input.
  static HWY_INLINE void WriteResults(const Number (&results)[passes::kResultsOf<Pass>], const Pointers<Pass, T>& at,
                                      std::size_t i, Access access) {
    for (int k = 0; k < passes::kOutputsOf<Pass>; ++k) Write(results[k], at.out[k] + i, access);
    if constexpr (kAddsFewTerms) {
      AddToRow(results[passes::kOutputsOf<Pass>], at.few_terms + i, at.sums + i, T());
    } else if constexpr (Pass::kHasSum) {
      AddToRow(results[passes::kOutputsOf<Pass>], at.sums + i, at.errors + i, T());
    }
  }

  static constexpr bool kReachesAll = ReachOf<Formula>(Pass::kOrder, 1) == std::numeric_limits<double>::infinity();

  HWY_INLINE bool Reaches(const Pointers<Pass, T>& at, std::size_t i) const {
    if constexpr (Pass::kRow == Row::kNone || (Pass::kRow == Row::kBias && kReachesAll)) {
      if constexpr (kReachesAll) return is_served_;
      return reach_.Has(at.in[Pass::kX] + i, Step());
    } else {
      if (!is_served_) return false;
      // Most often the row's largest parameter leaves every x within reach: then none is judged by its own.
      if constexpr (kHasOwnParameters) {
        if (kReachesAll ? is_row_served_ : reach_.Has(at.in[Pass::kX] + i, Step())) return true;
      }
      bool reached = true;
      for (std::size_t n = 0; n < kNumbers; ++n) reached &= Number::All(AreReached(at, i + n * NumberSize()));
      return reached;
    }
  }

  // Which lanes are within reach, where a bias is added to x or elements have parameters of their own. False for NaN.
  HWY_INLINE typename Math::Mask AreReached(const Pointers<Pass, T>& at, std::size_t i) const {
    Number x = ReadX(at, i);
    const Number max = Number::Constant(max_size_);
    if constexpr (!kHasOwnParameters) {
      return Number::Less(Number::Abs(x), max);
    } else {
      const Coefficient parameter = ParameterAt(at, i);
      const auto is_served = Math::Serves(parameter);
      if constexpr (kReachesAll) return is_served;
      if constexpr (Activation::kParameter == Parameter::kFactorOfX) x = x * parameter.value;
      return Number::And(is_served, Number::Less(Number::Abs(x), max));
    }
  }

  typename Models::template Precise<Activation, Pass> precise_;
  Coefficient parameter_;
  bool is_served_;
  // Whether the fast model serves all parameters of the row.
  bool is_row_served_ = false;
  double max_size_;
  Reach<T> reach_;
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
