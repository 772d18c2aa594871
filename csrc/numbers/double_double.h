// Double-double numbers, high + low, for float64 arrays: about 100 bits where a rounding error would show in the
// result.
//
// Lane type float64, with fused multiply-add or without. Largest error for ten million inputs over the whole range and
// parameters of every size (tests/kernels/float64_sweep.cc repeats the number): 1.3 ULP for values and derivatives, 2
// where the process flushes subnormal numbers. It serves every input. Arithmetic after Dekker, "A Floating-Point
// Technique for Extending the Available Precision", 1971.
#pragma once

#include <limits>

#include "csrc/numbers/function.h"
#include "csrc/numbers/horner.h"
#include "csrc/numbers/inverse.h"
#include "csrc/numbers/polynomials.h"

namespace tfcustomact {

// `Lanes` is one double, or many that go through the same operations.
template <class Lanes>
class DoubleDouble {
 public:
  using Mask = typename Lanes::Mask;

  // Of numbers far below 1 the low part is subnormal, and may be flushed to zero: sums and products then have the
  // precision of a double.
  struct Number {
    Lanes high, low;

    // high + low without error, for |a| >= |b| or a = 0.
    TFCUSTOMACT_FUNCTION static Number FastSum(Lanes a, Lanes b) {
      const Lanes sum = a + b;
      return {sum, b - (sum - a)};
    }

    TFCUSTOMACT_FUNCTION static Number Sum(Lanes a, Lanes b) {
      const Lanes sum = a + b;
      const Lanes b_rounded = sum - a;
      return {sum, (a - (sum - b_rounded)) + (b - b_rounded)};
    }

    TFCUSTOMACT_FUNCTION static Number Product(Lanes a, Lanes b) {
      const Lanes product = a * b;
      if constexpr (Lanes::kHasFma) {
        return {product, Lanes::MulSub(a, b, product)};
      } else {
        // Veltkamp's splitting by masking: nothing overflows. Of a tiny product some of these would be subnormal, and
        // if such are flushed to zero the others do not add up.
        const Lanes a1 = Lanes::UpperBits(a), b1 = Lanes::UpperBits(b), a2 = a - a1, b2 = b - b1;
        const Lanes low = ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2;
        const Mask is_tiny = Lanes::Less(Lanes::Abs(product), Lanes::Constant(0x1p-900));
        return {product, Lanes::Where(is_tiny, Lanes::Constant(0), low)};
      }
    }

    friend TFCUSTOMACT_FUNCTION Number operator-(const Number& a) { return {-a.high, -a.low}; }

    friend TFCUSTOMACT_FUNCTION Number operator+(const Number& a, const Number& b) {
      const Number sum = Sum(a.high, b.high);
      return FastSum(sum.high, sum.low + (a.low + b.low));
    }

    friend TFCUSTOMACT_FUNCTION Number operator-(const Number& a, const Number& b) { return a + (-b); }

    friend TFCUSTOMACT_FUNCTION Number operator*(const Number& a, const Number& b) {
      const Number product = Product(a.high, b.high);
      return FastSum(product.high, Lanes::MulAdd(a.high, b.low, Lanes::MulAdd(a.low, b.high, product.low)));
    }

    friend TFCUSTOMACT_FUNCTION Number operator/(const Number& a, const Number& b) {
      const Lanes quotient = a.high / b.high;
      const Number back = Product(quotient, b.high);
      const Lanes remainder = ((a.high - back.high) - back.low) + (a.low - quotient * b.low);
      return FastSum(quotient, remainder / b.high);
    }
  };

  struct Coefficient {
    explicit Coefficient(double c)
        : value(Lanes::Constant(c)),
          up(Lanes::Constant(IsHuge(c) ? kShift : 1)),
          shifted(Lanes::Constant(IsHuge(c) ? c / kShift : c)),
          infinity(Lanes::Constant(c == 0 ? 0 : kInfinity)) {}
    TFCUSTOMACT_FUNCTION explicit Coefficient(Lanes c)
        : value(c), up(Lanes::Constant(1)), shifted(c), infinity(Lanes::Constant(0)) {
      const Lanes shift = Lanes::Constant(kShift), size = Lanes::Abs(c);
      const Mask is_huge = Lanes::Less(shift, size);
      up = Lanes::Where(is_huge, shift, up);
      shifted = Lanes::Where(is_huge, c * Lanes::Constant(1 / kShift), c);
      infinity = Lanes::Where(Lanes::Less(Lanes::Constant(0), size), Lanes::Constant(kInfinity), infinity);
    }

    // c * x is computed as shifted * (x * up): where c is huge, the product may be of ordinary size while the low part
    // of x itself would be subnormal. `infinity` replaces an infinite x in the product, so that 0 * inf is 0.
    Lanes value, up, shifted, infinity;

   private:
    static constexpr double kShift = 0x1p128;
    static bool IsHuge(double c) { return c > kShift || c < -kShift; }
  };
  TFCUSTOMACT_FUNCTION static Coefficient One() { return Coefficient(Lanes::Constant(1)); }

  TFCUSTOMACT_FUNCTION static Number FromLanes(Lanes x) { return {x, Lanes::Constant(0)}; }
  // -0 + 0 is +0, and zeros keep their sign.
  TFCUSTOMACT_FUNCTION static Lanes ToLanes(const Number& x) { return Lanes::CopySign(x.high + x.low, x.high); }
  TFCUSTOMACT_FUNCTION static Number Constant(double c) { return FromLanes(Lanes::Constant(c)); }
  TFCUSTOMACT_FUNCTION static Number MulAdd(const Number& a, const Number& b, const Number& c) { return a * b + c; }
  TFCUSTOMACT_FUNCTION static Mask Less(const Number& a, const Number& b) { return Lanes::Less(a.high, b.high); }
  TFCUSTOMACT_FUNCTION static Number Where(Mask mask, const Number& yes, const Number& no) {
    return {Lanes::Where(mask, yes.high, no.high), Lanes::Where(mask, yes.low, no.low)};
  }
  TFCUSTOMACT_FUNCTION static Number Scale(const Coefficient& c, const Number& a) {
    return FromLanes(Rounded(c.value, a));
  }
  TFCUSTOMACT_FUNCTION static Number Bounded(const Number& x) {
    return FromLanes(Lanes::Clamp(-kLargest, kLargest, x.high));
  }
  TFCUSTOMACT_FUNCTION static Number TimesInput(const Number& x, const Number& y) {
    return Scale(Coefficient(x.high), y);
  }

 private:
  static constexpr double kLargest = std::numeric_limits<double>::max();

  // exp(-kFar) times the largest number rounds to 0.
  static constexpr double kFar = 1500.0;

  // Adding it rounds to an integer n (1.5 * 2^52), and leaves n plus the exponent bias in the low bits of the sum, from
  // which PowerOfTwo makes 2^n.
  static constexpr double kRounder = 6755399441055744.0 + 1023;

  // c * a in float64 arithmetic, with an error of about 1 ULP: for results so small that parts of an exact product
  // would be subnormal.
  TFCUSTOMACT_FUNCTION static Lanes Rounded(Lanes c, const Number& a) {
    return Lanes::CopySign(Lanes::MulAdd(c, a.high, c * a.low), c * a.high);
  }

  // exp(t) for -kFar <= t <= 0 as mantissa * outer * inner * inner: a mantissa near 1 and powers of two, three of them
  // because their product may be too small for a float64. The products with them come last, so that nothing is
  // subnormal before the result is, also where exp(t) is subnormal and its product with a large factor is not. `outer`
  // is at most 1/2 where the mantissa is above 1, so that a product with it does not overflow.
  class Power {
   public:
    // exp(r), |r| <= log(2) / 2, is 1 + r + r^2 * q. The relative error of the mantissa is below 2^-56.
    TFCUSTOMACT_FUNCTION explicit Power(const Number& t) {
      const Lanes rounder = Lanes::Constant(kRounder), one = Lanes::Constant(1);
      const Lanes n = Lanes::MulAdd(t.high, Lanes::Constant(1.4426950408889634), rounder) - rounder;
      const Lanes third = Lanes::MulAdd(n + one, Lanes::Constant(1.0 / 3), rounder);
      inner_ = Lanes::PowerOfTwo(third);
      outer_ = Lanes::PowerOfTwo(Lanes::NegMulAdd(third - rounder, Lanes::Constant(2), n) + rounder);
      // log(2) in two parts, the first of 32 bits, so that n times it is exact.
      const Lanes coarse = Lanes::NegMulAdd(n, Lanes::Constant(0x1.62e42feep-1), t.high);
      const Lanes fine = Lanes::NegMulAdd(n, Lanes::Constant(0x1.a39ef35793c76p-33), t.low);
      const Number r = Number::FastSum(coarse, fine);
      const Lanes q = Polynomial(PowerOfEDoubleDouble(), r.high);
      const Number linear = Number::FastSum(one, r.high);
      mantissa_ = Number::FastSum(linear.high, linear.low + Lanes::MulAdd(r.high * r.high, q, r.low));
    }

    TFCUSTOMACT_FUNCTION const Number& Mantissa() const { return mantissa_; }
    TFCUSTOMACT_FUNCTION Number Value() const { return Scaled(mantissa_); }
    // c * a * exp(t) / mantissa
    TFCUSTOMACT_FUNCTION Lanes Times(Lanes c, const Number& a) const {
      return Rounded(c * outer_, a) * inner_ * inner_;
    }
    // a * exp(t) / mantissa
    TFCUSTOMACT_FUNCTION Number Scaled(const Number& a) const {
      return {a.high * outer_ * inner_ * inner_, a.low * outer_ * inner_ * inner_};
    }

   private:
    Number mantissa_;
    Lanes outer_, inner_;
  };

  // t = beta * x with its rounding error, as a sign and an absolute value.
  struct Argument {
    TFCUSTOMACT_FUNCTION Argument(const Coefficient& beta, const Number& x) {
      const Lanes factor = Lanes::Where(Lanes::IsInf(x.high), Lanes::CopySign(beta.infinity, x.high), x.high);
      const Number t = Number::Product(beta.shifted, factor * beta.up);
      const Lanes zero = Lanes::Constant(0), high = Lanes::Abs(t.high);
      is_left = Lanes::Less(t.high, zero);
      is_right = Lanes::Less(zero, t.high);
      size = {Lanes::Clamp(0, kFar, high),
              Lanes::Where(Lanes::Less(high, Lanes::Constant(kFar)), Lanes::Where(is_left, -t.low, t.low), zero)};
    }
    Mask is_left, is_right;
    Number size;
  };

 public:
  // Below -40, exp(x) - 1 is -1 as well as at -40.
  TFCUSTOMACT_FUNCTION static Number TimesExpm1(const Coefficient& c, const Number& x) {
    const Number power = Power(FromLanes(Lanes::Clamp(-40, 0, x.high))).Value();
    const Number difference = Number::Sum(power.high, Lanes::Constant(-1));
    return Scale(c, Number::FastSum(difference.high, difference.low + power.low));
  }
  TFCUSTOMACT_FUNCTION static Number TimesExpm1Or(const Coefficient& c, const Number& x, const Number& y) {
    return Where(Less(y, Constant(0)), TimesExpm1(c, x), y);
  }

  TFCUSTOMACT_FUNCTION static Number TimesExp(const Coefficient& c, const Number& x) {
    const Power power(FromLanes(Lanes::Clamp(-kFar, 0, x.high)));
    return FromLanes(power.Times(c.value, power.Mantissa()));
  }

  // sigmoid(-|beta * x|) = e / (1 + e), where e = exp(-|beta * x|).
  class Tail {
   public:
    TFCUSTOMACT_FUNCTION Tail(const Coefficient& beta, const Number& x)
        : argument_(beta, x), power_(-argument_.size), fraction_(power_.Mantissa() / (Constant(1) + power_.Value())) {}

    TFCUSTOMACT_FUNCTION Mask IsRight() const { return argument_.is_right; }
    TFCUSTOMACT_FUNCTION Number Size() const { return argument_.size; }
    TFCUSTOMACT_FUNCTION Number Value() const { return power_.Scaled(fraction_); }
    TFCUSTOMACT_FUNCTION Number Times(const Number& y) const { return power_.Scaled(y * fraction_); }
    TFCUSTOMACT_FUNCTION Number Times(const Number& y, const Number&, const Number&) const { return Times(y); }

   private:
    Argument argument_;
    Power power_;
    Number fraction_;
  };

  TFCUSTOMACT_FUNCTION static Coefficient Fixed(double c, const Number&) { return Coefficient(Lanes::Constant(c)); }
  TFCUSTOMACT_FUNCTION static Number TimesOnePlus(double c, const Number& a) {
    return FromLanes(Rounded(Lanes::Constant(1 + c), a));
  }
  TFCUSTOMACT_FUNCTION static Number TimesComplement(const Number& x, const Number& w) { return x * (Constant(1) - w); }
  TFCUSTOMACT_FUNCTION static Number Abs(const Number& a) {
    const Lanes size = Lanes::Abs(a.high);
    return {size, Lanes::Where(Lanes::Less(a.high, Lanes::Constant(0)), -a.low, a.low)};
  }
  // A product has no rounding error that shows.
  TFCUSTOMACT_FUNCTION static Number ProductError(const Number&, const Number&, const Number&) { return Constant(0); }
  TFCUSTOMACT_FUNCTION static Number LowPart(double, const Number&) { return Constant(0); }

  // z = exp(-size)
  class Decay {
   public:
    TFCUSTOMACT_FUNCTION explicit Decay(const Number& size) : power_(Bounded(-size)) {}
    TFCUSTOMACT_FUNCTION Decay(const Number& size, const Number&) : Decay(size) {}

    TFCUSTOMACT_FUNCTION Number Value() const { return power_.Value(); }
    TFCUSTOMACT_FUNCTION Number Times(const Number& y) const { return power_.Scaled(y * power_.Mantissa()); }
    TFCUSTOMACT_FUNCTION Number Times(const Number& y, const Number&) const { return Times(y); }
    // z + z^2 * q, where 53 bits are enough for the second term.
    TFCUSTOMACT_FUNCTION Number Log1p() const {
      const Number z = Value();
      return z + FromLanes(z.high * z.high * Polynomial(LogarithmFloat64(), z.high));
    }

   private:
    TFCUSTOMACT_FUNCTION static Number Bounded(const Number& t) {
      return Where(Less(t, Constant(-kFar)), Constant(-kFar), t);
    }

    Power power_;
  };

  TFCUSTOMACT_FUNCTION static Number Log1pmx(const Number& z) {
    return FromLanes(z.high * z.high * Polynomial(LogarithmFloat64(), z.high));
  }

  // x / c is computed as (x * shift) * (1 / (c * shift)), so that no part of these is subnormal where it counts.
  class ExpOfQuotient {
   public:
    TFCUSTOMACT_FUNCTION ExpOfQuotient(const Coefficient& c, const Number& x)
        : c_(c.value), x_(x.high), shift_(ShiftOf(c.value)), inverse_(InverseOf(c.value * shift_)), ratio_(Ratio()) {}

    TFCUSTOMACT_FUNCTION Number Size() const { return -ratio_; }
    TFCUSTOMACT_FUNCTION Number Value() const { return Times(Constant(1)); }
    TFCUSTOMACT_FUNCTION Number Times(const Number& y) const {
      const Power power(ratio_);
      return power.Scaled(y * power.Mantissa());
    }
    TFCUSTOMACT_FUNCTION Number Divided() const {
      const Power power(ratio_);
      return FromLanes(power.Times(shift_, inverse_ * power.Mantissa()));
    }
    // Below -40, exp(x / c) - 1 is -1 as well as at -40.
    TFCUSTOMACT_FUNCTION Number Expm1() const {
      const Number power = Power(Where(Less(ratio_, Constant(-40)), Constant(-40), ratio_)).Value();
      const Number difference = Number::Sum(power.high, Lanes::Constant(-1));
      const Lanes product = Rounded(c_, Number::FastSum(difference.high, difference.low + power.low));
      return FromLanes(Lanes::Where(Lanes::Less(Lanes::Constant(-0x1p-60), ratio_.high), x_, product));
    }

   private:
    TFCUSTOMACT_FUNCTION static Lanes ShiftOf(Lanes c) {
      const Lanes up = Lanes::Constant(0x1p512), down = Lanes::Constant(0x1p-512), one = Lanes::Constant(1);
      return Lanes::Where(Lanes::Less(c, Lanes::Constant(0x1p-500)), up,
                          Lanes::Where(Lanes::Less(Lanes::Constant(0x1p500), c), down, one));
    }

    TFCUSTOMACT_FUNCTION static Number InverseOf(Lanes c) {
      const Lanes inverse = InverseOfPositive(c), one = Lanes::Constant(1), zero = Lanes::Constant(0);
      const Number back = Number::Product(inverse, c);
      const Lanes remainder = (one - back.high) - back.low;
      // It is NaN for 0.
      return {inverse, Lanes::Where(Lanes::Less(Lanes::Abs(remainder), one), remainder * inverse, zero)};
    }

    TFCUSTOMACT_FUNCTION Number Ratio() const {
      const Lanes shifted = x_ * shift_, far = Lanes::Constant(-kFar);
      const Number ratio = Number::Product(shifted, inverse_.high);
      const Lanes low = Lanes::MulAdd(shifted, inverse_.low, ratio.low);
      return {Lanes::Clamp(-kFar, 0, ratio.high), Lanes::Where(Lanes::Less(far, ratio.high), low, Lanes::Constant(0))};
    }

    Lanes c_, x_, shift_;
    Number inverse_, ratio_;
  };

  // (1 - Phi(a)) * exp(a^2 / 2) is m(t) / (a + 4), t = (a - 4) / (a + 4), with the precision of a double.
  TFCUSTOMACT_FUNCTION static Number NormalRatio(const Number& a) {
    const Number sum = a + Constant(4);
    return FromLanes(Polynomial(NormalRatioFloat64(), ((a - Constant(4)) / sum).high)) / sum;
  }

  // x * e / (1 + e) on the left, x / (1 + e) elsewhere; of an infinite x that is 0 or x.
  TFCUSTOMACT_FUNCTION static Number TimesSigmoid(const Coefficient& beta, const Number& x) {
    const Argument t(beta, x);
    const Power power(-t.size);
    const Number one = Constant(1);
    const Number part = Where(t.is_left, power.Mantissa(), one) / (one + power.Value());
    const Lanes product = Lanes::Where(t.is_left, power.Times(x.high, part), Rounded(x.high, part));
    const Lanes limit = Lanes::Where(t.is_left, Lanes::CopySign(Lanes::Constant(0), x.high), x.high);
    return FromLanes(Lanes::Where(Lanes::IsInf(x.high), limit, product));
  }
};

}  // namespace tfcustomact
