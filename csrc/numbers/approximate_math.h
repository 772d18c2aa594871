// float32 numbers for float16 and bfloat16 arrays, with the hardware's approximate exponential and reciprocal, whose
// errors hardly count beside the rounding to 11 or 8 bits.
//
// Lane type float32. Largest error of a float16 or bfloat16 result over all inputs, with an error of 2 ULP in the
// exponential and 1 ULP in the reciprocal (tests/kernels/halves.cc repeats the number): 0.503 ULP. Serves arguments
// whose exponential is a normal float32; outside the reach of a formula the result is undefined: the loop sends such
// elements to via_double.h.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/numbers/horner.h"
#include "csrc/numbers/inverse.h"
#include "csrc/numbers/polynomials.h"

namespace tfcustomact {

// `Lanes` is one float, or many that go through the same operations.
template <class Lanes>
class ApproximateMath {
 public:
  using Number = Lanes;
  using Mask = typename Lanes::Mask;

 private:
  static constexpr double kLog2E = 1.4426950408889634;
  static constexpr double kMinCoefficient = 1e-30f, kMaxCoefficient = 1e30f;

 public:
  // c, and the factors of x and |x| that make exp(-c * x) and exp(-|c * x|) powers of 2.
  struct Coefficient {
    explicit Coefficient(double c)
        : value(Constant(c)), minus(Constant(-c * kLog2E)), falling(Constant((c < 0 ? c : -c) * kLog2E)) {}
    TFCUSTOMACT_FUNCTION explicit Coefficient(Number c)
        : value(c), minus(c * Constant(-kLog2E)), falling(Lanes::Abs(c) * Constant(-kLog2E)) {}
    Number value, minus, falling;
  };
  TFCUSTOMACT_FUNCTION static Coefficient One() { return Coefficient(Constant(1)); }

  // exp(y) and exp(-y) are normal numbers for |y| <= kMaxArgument.
  static constexpr double kMaxArgument = 87.0, kMaxArgumentOfTail = kMaxArgument;

  // Whether the constants are normal numbers.
  static bool Serves(double c) {
    const double size = c < 0 ? -c : c;
    return size > kMinCoefficient && size < kMaxCoefficient;
  }
  TFCUSTOMACT_FUNCTION static Mask Serves(const Coefficient& c) {
    const Number size = Lanes::Abs(c.value);
    return Lanes::And(Less(Constant(kMinCoefficient), size), Less(size, Constant(kMaxCoefficient)));
  }

  TFCUSTOMACT_FUNCTION static Number FromLanes(Lanes x) { return x; }
  TFCUSTOMACT_FUNCTION static Lanes ToLanes(Number x) { return x; }
  TFCUSTOMACT_FUNCTION static Number Constant(double c) { return Lanes::Constant(c); }
  TFCUSTOMACT_FUNCTION static Number MulAdd(Number a, Number b, Number c) { return Lanes::MulAdd(a, b, c); }
  TFCUSTOMACT_FUNCTION static Mask Less(Number a, Number b) { return Lanes::Less(a, b); }
  TFCUSTOMACT_FUNCTION static Number Where(Mask mask, Number yes, Number no) { return Lanes::Where(mask, yes, no); }
  TFCUSTOMACT_FUNCTION static Number Scale(const Coefficient& c, Number x) { return c.value * x; }

  // Within the reach of a formula, x is finite.
  TFCUSTOMACT_FUNCTION static Number Bounded(Number x) { return x; }
  TFCUSTOMACT_FUNCTION static Number TimesInput(Number x, Number y) { return x * y; }

  TFCUSTOMACT_FUNCTION static Number TimesExp(const Coefficient& c, Number x) { return c.value * Exp(x); }

  // Near 0 the difference exp(x) - 1 would cancel.
  TFCUSTOMACT_FUNCTION static Number TimesExpm1(const Coefficient& c, Number x) {
    const Number near_zero = x * Polynomial(PowerOfENearZero(), x);
    return c.value * Where(Less(Constant(-0.0625), x), near_zero, Exp(x) - Constant(1));
  }
  TFCUSTOMACT_FUNCTION static Number TimesExpm1Or(const Coefficient& c, Number x, Number y) {
    return Where(Less(y, Constant(0)), TimesExpm1(c, x), y);
  }

  // sigmoid(-|beta * x|) = e / (1 + e)
  class Tail {
   public:
    TFCUSTOMACT_FUNCTION Tail(const Coefficient& beta, Number x) : argument_(beta.value * x) {
      const Number e = Lanes::Exp2(beta.falling * Lanes::Abs(x));
      value_ = e * Lanes::Reciprocal(Constant(1) + e);
    }

    TFCUSTOMACT_FUNCTION Mask IsRight() const { return Less(Constant(0), argument_); }
    TFCUSTOMACT_FUNCTION Number Size() const { return Lanes::Abs(argument_); }
    TFCUSTOMACT_FUNCTION Number Value() const { return value_; }
    TFCUSTOMACT_FUNCTION Number Times(Number y) const { return y * value_; }
    TFCUSTOMACT_FUNCTION Number Times(Number y, Number, Number) const { return y * value_; }

   private:
    Number argument_, value_;
  };

  TFCUSTOMACT_FUNCTION static Coefficient Fixed(double c, Number) { return Coefficient(Constant(c)); }
  TFCUSTOMACT_FUNCTION static Number TimesOnePlus(double c, Number x) { return MulAdd(x, Constant(c), x); }
  TFCUSTOMACT_FUNCTION static Number TimesComplement(Number x, Number w) { return Lanes::NegMulAdd(x, w, x); }
  TFCUSTOMACT_FUNCTION static Number Abs(Number a) { return Lanes::Abs(a); }
  // The rounding errors of float32 do not show in a result of 11 or 8 bits.
  TFCUSTOMACT_FUNCTION static Number ProductError(Number, Number, Number) { return Constant(0); }
  TFCUSTOMACT_FUNCTION static Number LowPart(double, const Number&) { return Constant(0); }

  // z = exp(-size), kept as 2^64 * z: the hardware flushes subnormal results of its exponential to zero.
  class Decay {
   public:
    TFCUSTOMACT_FUNCTION explicit Decay(Number size)
        : shifted_(Lanes::Exp2(MulAdd(size, Constant(-kLog2E), Constant(64)))) {}
    TFCUSTOMACT_FUNCTION Decay(Number size, Number) : Decay(size) {}

    TFCUSTOMACT_FUNCTION Number Value() const { return shifted_ * Constant(0x1p-64); }
    TFCUSTOMACT_FUNCTION Number Times(Number y) const { return y * shifted_ * Constant(0x1p-64); }
    TFCUSTOMACT_FUNCTION Number Times(Number y, Number) const { return Times(y); }
    TFCUSTOMACT_FUNCTION Number Log1p() const {
      const Number z = Value();
      return MulAdd(z * z, Polynomial(LogarithmFloat16(), z), z);
    }

   private:
    Number shifted_;
  };

  TFCUSTOMACT_FUNCTION static Number Log1pmx(Number z) { return z * z * Polynomial(LogarithmFloat16(), z); }

  // Near 0, x is a factor: however small it is beside c, nothing is subnormal before the result is.
  class ExpOfQuotient {
   public:
    TFCUSTOMACT_FUNCTION ExpOfQuotient(const Coefficient& c, Number x)
        : c_(c), x_(x), inverse_(InverseOfPositive(c.value)), ratio_(Lanes::Clamp(-1000, 0, x * inverse_)) {}

    TFCUSTOMACT_FUNCTION Number Size() const { return -ratio_; }
    TFCUSTOMACT_FUNCTION Number Value() const { return Power().Value(); }
    TFCUSTOMACT_FUNCTION Number Times(Number y) const { return Power().Times(y); }
    TFCUSTOMACT_FUNCTION Number Divided() const { return Times(inverse_); }
    TFCUSTOMACT_FUNCTION Number Expm1() const {
      const Number near_zero = x_ * Polynomial(PowerOfENearZero(), ratio_);
      return Where(Less(Constant(-0.0625), ratio_), near_zero, c_.value * (Exp(ratio_) - Constant(1)));
    }

   private:
    TFCUSTOMACT_FUNCTION Decay Power() const { return Decay(-ratio_); }

    const Coefficient& c_;
    Number x_, inverse_, ratio_;
  };

  // (1 - Phi(a)) * exp(a^2 / 2) is m(t) / (a + 4), t = (a - 4) / (a + 4).
  TFCUSTOMACT_FUNCTION static Number NormalRatio(Number a) {
    const Number reciprocal = Lanes::Reciprocal(a + Constant(4));
    return reciprocal * Polynomial(NormalRatioFloat16(), MulAdd(Constant(-8), reciprocal, Constant(1)));
  }

  // x / (1 + exp(-beta * x))
  TFCUSTOMACT_FUNCTION static Number TimesSigmoid(const Coefficient& beta, Number x) {
    return x * Lanes::Reciprocal(Constant(1) + Lanes::Exp2(beta.minus * x));
  }

 private:
  TFCUSTOMACT_FUNCTION static Number Exp(Number x) { return Lanes::Exp2(x * Constant(kLog2E)); }
};

}  // namespace tfcustomact
