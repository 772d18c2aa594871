// float64 numbers for float32 (and narrower) arrays: they serve every input, and the result is rounded to float32 once.
//
// Lane type float64, exponential of relative error 2^-34. Largest error of a float32 result over all 2^32 inputs: 0.51
// ULP for values and derivatives, around the root of Swish's derivative too (tests/kernels/float32_sweep.cc repeats the
// number).
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/numbers/horner.h"
#include "csrc/numbers/inverse.h"
#include "csrc/numbers/polynomials.h"

namespace tfcustomact {

// `Lanes` is one double, or many that go through the same operations.
template <class Lanes>
class ViaDouble {
 public:
  using Number = Lanes;
  using Mask = typename Lanes::Mask;

  struct Coefficient {
    explicit Coefficient(double c) : value(Constant(c)) {}
    TFCUSTOMACT_FUNCTION explicit Coefficient(Number c) : value(c) {}
    Number value;
  };
  TFCUSTOMACT_FUNCTION static Coefficient One() { return Coefficient(Constant(1)); }

  // Infinities are computed as 1e100, since 0 times an infinity would be NaN. ToLanes undoes that, so that products
  // with dy are right, whatever its size: a result above 1e50 becomes infinite (1e100 times the smallest float32
  // coefficient is larger than that), and one below 1e-150 becomes 0 (1e100 * exp(-1e100) is smaller).
  TFCUSTOMACT_FUNCTION static Number FromLanes(Lanes x) { return Lanes::Clamp(-1e100, 1e100, x); }
  TFCUSTOMACT_FUNCTION static Lanes ToLanes(Number x) {
    const Number size = Lanes::Abs(x), infinite = Where(Less(Constant(1e50), size), x * Constant(1e300), x);
    return Where(Less(size, Constant(1e-150)), x * Constant(0), infinite);
  }

  TFCUSTOMACT_FUNCTION static Number Constant(double c) { return Lanes::Constant(c); }
  TFCUSTOMACT_FUNCTION static Number MulAdd(Number a, Number b, Number c) { return Lanes::MulAdd(a, b, c); }
  TFCUSTOMACT_FUNCTION static Mask Less(Number a, Number b) { return Lanes::Less(a, b); }
  TFCUSTOMACT_FUNCTION static Number Where(Mask mask, Number yes, Number no) { return Lanes::Where(mask, yes, no); }
  TFCUSTOMACT_FUNCTION static Number Scale(const Coefficient& c, Number x) { return c.value * x; }

  // Nothing overflows in float64.
  TFCUSTOMACT_FUNCTION static Number Bounded(Number x) { return x; }
  TFCUSTOMACT_FUNCTION static Number TimesInput(Number x, Number y) { return x * y; }

  TFCUSTOMACT_FUNCTION static Number TimesExpm1(const Coefficient& c, Number x) {
    const Power power(x);
    return c.value * MulAdd(power.q, power.r * power.scale, power.scale - Constant(1));
  }
  TFCUSTOMACT_FUNCTION static Number TimesExpm1Or(const Coefficient& c, Number x, Number y) {
    return Where(Less(y, Constant(0)), TimesExpm1(c, x), y);
  }
  TFCUSTOMACT_FUNCTION static Number TimesExp(const Coefficient& c, Number x) { return c.value * Power(x).Value(); }

  // sigmoid(-|beta * x|)
  class Tail {
   public:
    TFCUSTOMACT_FUNCTION Tail(const Coefficient& beta, Number x) : argument_(beta.value * x) {
      const Number power = Power(-Size()).Value();
      value_ = power / (Constant(1) + power);
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
  TFCUSTOMACT_FUNCTION static Number TimesOnePlus(double c, Number x) { return Constant(1 + c) * x; }
  TFCUSTOMACT_FUNCTION static Number TimesComplement(Number x, Number w) { return x - x * w; }
  TFCUSTOMACT_FUNCTION static Number Abs(Number a) { return Lanes::Abs(a); }
  // The rounding errors of float64 do not show in a float32 result.
  TFCUSTOMACT_FUNCTION static Number ProductError(Number, Number, Number) { return Constant(0); }
  TFCUSTOMACT_FUNCTION static Number LowPart(double, const Number&) { return Constant(0); }

  // z = exp(-size)
  class Decay {
   public:
    TFCUSTOMACT_FUNCTION explicit Decay(Number size) : value_(Power(-size).Value()) {}
    TFCUSTOMACT_FUNCTION Decay(Number size, Number) : Decay(size) {}

    TFCUSTOMACT_FUNCTION Number Value() const { return value_; }
    TFCUSTOMACT_FUNCTION Number Times(Number y) const { return y * value_; }
    TFCUSTOMACT_FUNCTION Number Times(Number y, Number) const { return y * value_; }
    TFCUSTOMACT_FUNCTION Number Log1p() const {
      return MulAdd(value_ * value_, Polynomial(LogarithmViaDouble(), value_), value_);
    }

   private:
    Number value_;
  };

  TFCUSTOMACT_FUNCTION static Number Log1pmx(Number z) { return z * z * Polynomial(LogarithmViaDouble(), z); }

  class ExpOfQuotient {
   public:
    TFCUSTOMACT_FUNCTION ExpOfQuotient(const Coefficient& c, Number x)
        : c_(c), inverse_(InverseOfPositive(c.value)), ratio_(Lanes::Clamp(-700, 0, x * inverse_)) {}

    TFCUSTOMACT_FUNCTION Number Size() const { return -ratio_; }
    TFCUSTOMACT_FUNCTION Number Value() const { return Power(ratio_).Value(); }
    TFCUSTOMACT_FUNCTION Number Times(Number y) const { return y * Value(); }
    TFCUSTOMACT_FUNCTION Number Divided() const { return Times(inverse_); }
    TFCUSTOMACT_FUNCTION Number Expm1() const { return TimesExpm1(c_, ratio_); }

   private:
    const Coefficient& c_;
    Number inverse_, ratio_;
  };

  // (1 - Phi(a)) * exp(a^2 / 2) is m(t) / (a + 4), t = (a - 4) / (a + 4).
  TFCUSTOMACT_FUNCTION static Number NormalRatio(Number a) {
    const Number sum = a + Constant(4);
    return Polynomial(NormalRatioViaDouble(), (a - Constant(4)) / sum) / sum;
  }

  TFCUSTOMACT_FUNCTION static Number TimesSigmoid(const Coefficient& beta, Number x) {
    const Tail tail(beta, x);
    const Number small = tail.Times(x);
    return Where(tail.IsRight(), x - small, small);
  }

 private:
  // exp(t) = scale * (1 + r * q) as in fast_math.h. NaN stays NaN.
  struct Power {
    TFCUSTOMACT_FUNCTION explicit Power(Number t) {
      const Number y = Lanes::Clamp(-1000, 1000, t * Constant(1.4426950408889634));
      const Number rounder = Constant(6755399441055744.0 + 1023);  // 1.5 * 2^52, and the exponent bias
      const Number biased = y + rounder;
      scale = Lanes::PowerOfTwo(biased);
      r = y - (biased - rounder);
      q = Polynomial(PowerOf2ViaDouble(), r);
    }

    TFCUSTOMACT_FUNCTION Number Value() const { return MulAdd(q, r * scale, scale); }

    Number scale, r, q;
  };
};

}  // namespace tfcustomact
