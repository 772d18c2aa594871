// What a number model and the lanes under it have to offer, checked by the compiler wherever a model is used.
//
// Lanes are one vector, several side by side, or the one number of a CUDA thread. Every operation is one of IEEE 754,
// rounded once, unless said otherwise.
//
//   L::Constant(c)                 every lane is c
//   a + b, a - b, a * b, a / b, -a
//   L::MulAdd(a, b, c)             a * b + c, rounded once if the machine has fused multiply-add
//   L::MulSub(a, b, c), L::NegMulAdd(a, b, c)          a * b - c and c - a * b, likewise
//   L::Abs(a), L::CopySign(size, sign)
//   L::Less(a, b)                  a Mask; false where one is NaN
//   L::And(mask, mask), L::Where(mask, yes, no)
//   L::Max(low, a)                 unspecified where a is NaN
//   L::PowerOfTwo(bits), L::TimesPowerOfTwo(a, bits)   2^n, where n (and for the first the exponent bias) stands in the
//                                  low bits of `bits`
//
// A number model says how numbers of that many lanes are represented (Number), and how an exponential is reached
// without losing a tail:
//
//   M::FromLanes(x), M::ToLanes(y)
//   M::Coefficient(c)              the parameter with what is computed of it once, from a number or from lanes
//   M::One()                       a Coefficient of 1
//   M::Fixed(c, x)                 a constant as the first argument of TimesExp and TimesExpm1; x is any number of the
//                                  type that it is to have
//   M::Constant(c), the arithmetic of lanes, M::MulAdd, M::Less, M::Where
//   M::Scale(c, y)                 c * y, where c may also be a plain number; infinite where it overflows
//   M::Bounded(x)                  x, or where that is infinite the largest finite number of its sign, for products
//                                  with what vanishes there
//   M::TimesInput(x, y)            x * y for an x that FromLanes or Bounded gave; where it overflows it is infinite
//   M::TimesExp(c, x)              c * exp(x) for x <= 0, elsewhere unspecified
//   M::TimesExpm1(c, x)            c * (exp(x) - 1) for x <= 0, elsewhere unspecified
//   M::TimesSigmoid(c, x)          x * sigmoid(c * x)
//   M::Tail(c, x)                  see TailContract
//   M::Abs(x)
//   M::TimesComplement(x, w)       x * (1 - w) for a finite x and 0 <= w < 1; of a tiny x no product is subnormal
//                                  before the result is
//   M::Lost(a, b, product)         a * b - product, or 0 where a number of this model loses nothing that counts
//   M::LowPart(c, x)               what Constant(c) lost, likewise, in the type of the number x
//   M::Decay(size)                 see DecayContract
//   M::NormalRatio(a)              (1 - Phi(a)) * exp(a^2 / 2) for a from 0 to 15 (40 in float64), where Phi is the
//                                  standard normal distribution's function; with the precision of a lane
//
// Traps. Infinity times zero: a Coefficient may be 0 and x infinite. ViaDouble and HloMath bound x first, DoubleDouble
// chooses what replaces the infinity, FastMath has no reach there. The sign of zero: TimesSigmoid and TimesExpm1 keep
// x's own; DoubleDouble's ToLanes takes it from the high part, since -0 + 0 is +0. Reach: FastMath and ApproximateMath
// serve |x| up to what a formula says with their kMaxArgument and kMaxArgumentOfTail, and coefficients that Serves()
// accepts; ViaDouble, DoubleDouble and HloMath serve everything. NaN has to stay NaN through Max and Where.
// Constants: to HloMath they have no type, so that Where cannot choose between two of them.
#pragma once

#include <type_traits>

namespace tfcustomact {

template <class T>
T Any();

#define TFCUSTOMACT_GIVES(Type, expression)                        \
  static_assert(std::is_convertible_v<decltype(expression), Type>, \
                #expression " has another type than the contract of number models asks for")

// sigmoid(-|t|) with t = c * x: the smaller of sigmoid(t) and its complement, from which a derivative can be
// computed without cancellation on either side.
template <class Math>
struct TailContract {
  using Number = typename Math::Number;
  using Tail = typename Math::Tail;

  static_assert(std::is_constructible_v<Tail, const typename Math::Coefficient&, Number>);
  // Where t > 0. There sigmoid(t) is 1 - Value(), and elsewhere Value().
  TFCUSTOMACT_GIVES(typename Math::Mask, Any<const Tail&>().IsRight());
  // |t|, bounded where no function of it changes any more.
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

// z = exp(-size) for a size from 0 to the largest number, so that nothing is out of reach.
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

// True; otherwise a compile-time error that names what is missing. `Lanes` are what passes compute with.
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
  TFCUSTOMACT_GIVES(Number, Math::Scale(1.0, Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::TimesComplement(Any<Number>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::Abs(Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::Lost(Any<Number>(), Any<Number>(), Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::LowPart(1.0, Any<Number>()));
  TFCUSTOMACT_GIVES(Number, Math::NormalRatio(Any<Number>()));
  return TailContract<Math>::kIsMet && DecayContract<Math>::kIsMet;
}
#undef TFCUSTOMACT_GIVES

template <class Math, class Lanes>
inline constexpr bool kIsNumberModel = MeetsContract<Math, Lanes>();

}  // namespace tfcustomact
