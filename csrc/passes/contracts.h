// What a number model and the lanes under it have to offer. The compiler checks both wherever a model is used.
//
// Lanes are one SIMD vector, several side by side, or the one number of a CUDA thread. Every operation is that of IEEE
// 754, rounded once, unless said otherwise. A `size` is an absolute value.
//
//   L::Constant(c)                 every lane is c
//   a + b, a - b, a * b, a / b, -a
//   L::MulAdd(a, b, c)             a * b + c, rounded once if the machine has fused multiply-add
//   L::MulSub(a, b, c), L::NegMulAdd(a, b, c)          a * b - c and c - a * b, likewise
//   L::Inverse(a)                  1 / a, also of 0, by which a GPU may not divide otherwise
//   L::Abs(a), L::CopySign(size, sign)
//   L::Less(a, b)                  a Mask; false where one is NaN
//   L::And(mask, mask), L::Where(mask, yes, no)
//   L::Max(low, a)                 unspecified where a is NaN
//   L::PowerOfTwo(bits)            2^n, where the low bits of `bits` hold n plus the exponent bias
//   L::TimesPowerOfTwo(a, bits)    a * 2^n, where these hold n; a and the result are normal numbers, or n = 0
//   L::Reciprocal(a)               1 / a, to 8 bits or more
//   L::kHasMaskedOperations        whether Where(mask, operation, c) takes no longer than the operation, if c is one of
//                                  its operands
//
// Some models ask for more: Clamp (ViaDouble, DoubleDouble), IsInf, UpperBits and kHasFma (DoubleDouble), and an
// approximate Exp2 (ApproximateMath). See csrc/cpu/lanes.h and csrc/cuda/scalar.h.
//
// A number model says how numbers of that many lanes are represented (Number), and computes what formulas consist of,
// exponentials above all, as precisely as the model promises also where the result is tiny:
//
//   M::FromLanes(x), M::ToLanes(y)
//   M::Coefficient(c)              the parameter with what is computed of it once, from a number or from lanes
//   M::One()                       a Coefficient of 1
//   M::Fixed(c, x)                 a constant as the first argument of TimesExp and TimesExpm1; x is any number of the
//                                  type that it is to have
//   M::Constant(c), the arithmetic of lanes, M::MulAdd, M::Less, M::Where
//   M::Scale(c, y)                 c * y; infinite where it overflows
//   M::TimesOnePlus(c, y)          y * (1 + c) for a plain number 0 < c < 1/8 and y >= 0, elsewhere unspecified. 1 + c
//                                  is not rounded to y's type: that would make the largest finite result infinite
//   M::Bounded(x)                  x, or where that is infinite the largest finite number of its sign: a product with
//                                  a factor that is 0 there is then 0, not NaN
//   M::TimesInput(x, y)            x * y for an x that FromLanes or Bounded gave; where it overflows it is infinite
//   M::TimesExp(c, x)              c * exp(x) for x <= 0, elsewhere unspecified
//   M::TimesExpm1(c, x)            c * (exp(x) - 1) for x <= 0, elsewhere unspecified
//   M::TimesExpm1Or(c, x, y)       c * (exp(x) - 1) where y < 0, elsewhere y, which is negative where x is: unlike x, y
//                                  is needed in the end anyway
//   M::TimesSigmoid(c, x)          x * sigmoid(c * x)
//   M::Tail(c, x)                  see TailContract
//   M::Abs(x)
//   M::TimesComplement(x, w)       x * (1 - w) for a finite x and 0 <= w < 1; no intermediate result is subnormal where
//                                  the result is not
//   M::ProductError(a, b, product) a * b - product, the rounding error of a product; 0 from a model whose rounding
//                                  errors do not show in results
//   M::LowPart(c, x)               c - Constant(c), the rounding error of a constant, likewise; x is any number of the
//                                  type that it is to have
//   M::Decay(size)                 see DecayContract
//   M::Log1pmx(z)                  log(1 + z) - z for 0 <= z <= 1, with the precision of a lane
//   M::ExpOfQuotient(c, x)         see ExpOfQuotientContract
//   M::NormalRatio(a)              (1 - Phi(a)) * exp(a^2 / 2) for a from 0 to 15 (40 in float64), where Phi is the
//                                  standard normal distribution's function; with the precision of a lane
//
// Traps:
// - Infinity times zero: a Coefficient may be 0 and x infinite. ViaDouble and HloMath bound x first, DoubleDouble
//   chooses what replaces the infinity, FastMath and ApproximateMath do not serve such coefficients.
// - The sign of zero: TimesSigmoid and TimesExpm1 keep x's own; DoubleDouble's ToLanes takes it from the high part,
//   since -0 + 0 is +0.
// - The reach of a formula: FastMath and ApproximateMath are right only for |x| up to a bound, which the formula states
//   as ValueReach and DerivativeReach (facts.h), and for coefficients that Serves() accepts. Loops test both before
//   they use these models. ViaDouble, DoubleDouble and HloMath serve every number.
// - NaN: Max is unspecified for it, and every comparison is false. Formulas choose by Where so that NaN takes a branch
//   whose result is NaN.
// - Constants of HloMath have no type, so that Where cannot choose between two of them.
#pragma once

#include <type_traits>

namespace tfcustomact {

template <class T>
T Any();

#define TFCUSTOMACT_GIVES(Type, expression)                        \
  static_assert(std::is_convertible_v<decltype(expression), Type>, \
                #expression " has another type than its contract asks for")

// sigmoid(-|t|) with t = c * x: the smaller of sigmoid(t) and its complement, from which a derivative can be
// computed without cancellation on either side.
template <class Math>
struct TailContract {
  using Number = typename Math::Number;
  using Tail = typename Math::Tail;

  static_assert(std::is_constructible_v<Tail, const typename Math::Coefficient&, Number>);
  // Where t > 0. There sigmoid(t) is 1 - Value(), and elsewhere Value().
  TFCUSTOMACT_GIVES(typename Math::Mask, Any<const Tail&>().IsRight());
  // |t|, or a bound for it from which on s is 0 in every type.
  TFCUSTOMACT_GIVES(Number, Any<const Tail&>().Size());
  // s = sigmoid(-|t|)
  TFCUSTOMACT_GIVES(Number, Any<const Tail&>().Value());
  // y * s, which may be a normal number where s itself is subnormal or 0.
  TFCUSTOMACT_GIVES(Number, Any<const Tail&>().Times(Any<Number>()));
  // The same for a y that is computed from s and |t|: with the derivative of y * s by s, and that of y by |t|, a model
  // can correct the errors of s and |t|.
  TFCUSTOMACT_GIVES(Number, Any<const Tail&>().Times(Any<Number>(), Any<Number>(), Any<Number>()));

  static constexpr bool kIsMet = true;
};

// z = exp(-size), for every size from 0 to the largest number.
template <class Math>
struct DecayContract {
  using Number = typename Math::Number;
  using Decay = typename Math::Decay;

  static_assert(std::is_constructible_v<Decay, Number>);
  // exp(-(size + low)), for a small correction of the size.
  static_assert(std::is_constructible_v<Decay, Number, Number>);
  TFCUSTOMACT_GIVES(Number, Any<const Decay&>().Value());
  // y * z, which may be a normal number where z itself is subnormal or 0.
  TFCUSTOMACT_GIVES(Number, Any<const Decay&>().Times(Any<Number>()));
  // The same for a y that is computed from z: with the derivative of y * z by z a model can correct the error of z.
  TFCUSTOMACT_GIVES(Number, Any<const Decay&>().Times(Any<Number>(), Any<Number>()));
  // log(1 + z)
  TFCUSTOMACT_GIVES(Number, Any<const Decay&>().Log1p());

  static constexpr bool kIsMet = true;
};

// exp(x / c) for x <= 0 and a finite c from 0 on; NaN for another c. Elsewhere unspecified.
template <class Math>
struct ExpOfQuotientContract {
  using Number = typename Math::Number;
  using ExpOfQuotient = typename Math::ExpOfQuotient;

  static_assert(std::is_constructible_v<ExpOfQuotient, const typename Math::Coefficient&, Number>);
  // -x / c, bounded where no function of it changes any more.
  TFCUSTOMACT_GIVES(Number, Any<const ExpOfQuotient&>().Size());
  TFCUSTOMACT_GIVES(Number, Any<const ExpOfQuotient&>().Value());
  // y * exp(x / c), which may be a normal number where the exponential is subnormal or 0; and with y = 1 / c.
  TFCUSTOMACT_GIVES(Number, Any<const ExpOfQuotient&>().Times(Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Any<const ExpOfQuotient&>().Divided());
  // c * (exp(x / c) - 1), which is x where x / c is tiny.
  TFCUSTOMACT_GIVES(Number, Any<const ExpOfQuotient&>().Expm1());

  static constexpr bool kIsMet = true;
};

// True; otherwise a compile-time error that names what is missing.
template <class L>
constexpr bool AreLanesComplete() {
  using Mask = typename L::Mask;
  TFCUSTOMACT_GIVES(L, L::Constant(1.0));
  TFCUSTOMACT_GIVES(L, Any<L>() + Any<L>());
  TFCUSTOMACT_GIVES(L, Any<L>() - Any<L>());
  TFCUSTOMACT_GIVES(L, Any<L>() * Any<L>());
  TFCUSTOMACT_GIVES(L, Any<L>() / Any<L>());
  TFCUSTOMACT_GIVES(L, -Any<L>());
  TFCUSTOMACT_GIVES(L, L::MulAdd(Any<L>(), Any<L>(), Any<L>()));
  TFCUSTOMACT_GIVES(L, L::MulSub(Any<L>(), Any<L>(), Any<L>()));
  TFCUSTOMACT_GIVES(L, L::NegMulAdd(Any<L>(), Any<L>(), Any<L>()));
  TFCUSTOMACT_GIVES(L, L::Inverse(Any<L>()));
  TFCUSTOMACT_GIVES(L, L::Abs(Any<L>()));
  TFCUSTOMACT_GIVES(L, L::CopySign(Any<L>(), Any<L>()));
  TFCUSTOMACT_GIVES(Mask, L::Less(Any<L>(), Any<L>()));
  TFCUSTOMACT_GIVES(Mask, L::And(Any<Mask>(), Any<Mask>()));
  TFCUSTOMACT_GIVES(L, L::Where(Any<Mask>(), Any<L>(), Any<L>()));
  TFCUSTOMACT_GIVES(L, L::Max(1.0, Any<L>()));
  TFCUSTOMACT_GIVES(L, L::PowerOfTwo(Any<L>()));
  TFCUSTOMACT_GIVES(L, L::TimesPowerOfTwo(Any<L>(), Any<L>()));
  TFCUSTOMACT_GIVES(L, L::Reciprocal(Any<L>()));
  TFCUSTOMACT_GIVES(bool, L::kHasMaskedOperations);
  return true;
}

// Likewise. `Lanes` are what passes compute with.
template <class Math, class Lanes>
constexpr bool MeetsContract() {
  using Number = typename Math::Number;
  using Mask = typename Math::Mask;
  using Coefficient = typename Math::Coefficient;
  TFCUSTOMACT_GIVES(Number, Math::FromLanes(Any<const Lanes&>()));
  TFCUSTOMACT_GIVES(Lanes, Math::ToLanes(Any<const Number&>()));
  TFCUSTOMACT_GIVES(Number, Math::Constant(1.0));
  TFCUSTOMACT_GIVES(Number, Any<Number>() + Any<Number>());
  TFCUSTOMACT_GIVES(Number, Any<Number>() - Any<Number>());
  TFCUSTOMACT_GIVES(Number, Any<Number>() * Any<Number>());
  TFCUSTOMACT_GIVES(Number, Any<Number>() / Any<Number>());
  TFCUSTOMACT_GIVES(Number, -Any<Number>());
  TFCUSTOMACT_GIVES(Number, Math::MulAdd(Any<Number>(), Any<Number>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Mask, Math::Less(Any<Number>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::Where(Any<Mask>(), Any<Number>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::Scale(Any<const Coefficient&>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::Bounded(Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::TimesInput(Any<Number>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Coefficient, Math::One());
  TFCUSTOMACT_GIVES(Number, Math::TimesExp(Any<const Coefficient&>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::TimesExpm1(Any<const Coefficient&>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::TimesSigmoid(Any<const Coefficient&>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::TimesExp(Math::Fixed(1.0, Any<Number>()), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::TimesExpm1(Math::Fixed(1.0, Any<Number>()), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::TimesExpm1Or(Math::Fixed(1.0, Any<Number>()), Any<Number>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::TimesOnePlus(0.1, Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::TimesComplement(Any<Number>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::Abs(Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::ProductError(Any<Number>(), Any<Number>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::LowPart(1.0, Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::NormalRatio(Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::Log1pmx(Any<Number>()));
  return TailContract<Math>::kIsMet && DecayContract<Math>::kIsMet && ExpOfQuotientContract<Math>::kIsMet;
}
#undef TFCUSTOMACT_GIVES

template <class L>
inline constexpr bool kAreLanes = AreLanesComplete<L>();

template <class Math, class Lanes>
inline constexpr bool kIsNumberModel = MeetsContract<Math, Lanes>();

}  // namespace tfcustomact
