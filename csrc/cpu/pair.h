// Pairs of float64 lanes, high + low, for float64 arrays: about 100 bits where the error of a rounding would show.
//
// Lane type float64. Largest error of a float64 result, for a million inputs over the whole range (tests/kernels
// repeats the number): 1.5 ULP for values and slopes, 1.9 where the process flushes subnormal numbers. Below 1e-292 low
// parts underflow; elsewhere the largest error is 0.8 ULP.
// Arithmetic after Dekker, "A Floating-Point Technique for Extending the Available Precision", 1971.
#pragma once

#include <limits>

#include "csrc/formulas/scaled_logistic.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

struct PairMath {
  using D = hn::ScalableTag<double>;
  using Lanes = hn::Vec<D>;
  using Mask = hn::Mask<D>;

  struct Number {
    Lanes high, low;

    // high + low without error, for |a| >= |b| or a = 0.
    static HWY_INLINE Number FastSum(Lanes a, Lanes b) {
      const Lanes sum = a + b;
      return {sum, b - (sum - a)};
    }

    static HWY_INLINE Number Sum(Lanes a, Lanes b) {
      const Lanes sum = a + b;
      const Lanes b_rounded = sum - a;
      return {sum, (a - (sum - b_rounded)) + (b - b_rounded)};
    }

    static HWY_INLINE Number Product(Lanes a, Lanes b) {
      const Lanes product = a * b;
#if HWY_NATIVE_FMA
      return {product, hn::MulSub(a, b, product)};
#else
      const Number a2 = Split(a), b2 = Split(b);
      return {product, ((a2.high * b2.high - product) + a2.high * b2.low + a2.low * b2.high) + a2.low * b2.low};
#endif
    }

    // -0 + 0 is +0: an underflow would lose its sign in a sum.
    static HWY_INLINE Lanes WithSignOf(Lanes sign, Lanes sum) { return hn::CopySign(sum, sign); }

    friend HWY_INLINE Number operator-(const Number& a) { return {hn::Neg(a.high), hn::Neg(a.low)}; }

    friend HWY_INLINE Number operator+(const Number& a, const Number& b) {
      const Number sum = Sum(a.high, b.high);
      return FastSum(sum.high, sum.low + (a.low + b.low));
    }

    friend HWY_INLINE Number operator-(const Number& a, const Number& b) { return a + (-b); }

    friend HWY_INLINE Number operator*(const Number& a, const Number& b) {
      const Number product = Product(a.high, b.high);
      const Number sum = FastSum(product.high, hn::MulAdd(a.high, b.low, hn::MulAdd(a.low, b.high, product.low)));
      return {WithSignOf(product.high, sum.high), sum.low};
    }

    friend HWY_INLINE Number operator/(const Number& a, const Number& b) {
      const Lanes quotient = a.high / b.high;
      const Number back = Product(quotient, b.high);
      const Lanes rest = ((a.high - back.high) - back.low) + (a.low - quotient * b.low);
      // Where the quotient is infinite, so is the result: the rest is NaN there.
      return {quotient, hn::IfThenElseZero(hn::IsFinite(quotient), rest / b.high)};
    }

   private:
#if !HWY_NATIVE_FMA
    // Veltkamp's splitting by masking: the high half keeps 26 bits, and nothing overflows.
    static HWY_INLINE Number Split(Lanes a) {
      const hn::RebindToUnsigned<D> du;
      const Lanes high = hn::BitCast(D(), hn::And(hn::BitCast(du, a), hn::Set(du, ~((uint64_t{1} << 27) - 1))));
      return {high, a - high};
    }
#endif
  };

  using Input = Number;

  struct Coefficient {
    explicit Coefficient(double c) : value(hn::Set(D(), c)) {}
    Lanes value;
  };

  // Where exp(-a / 2) leaves the normal numbers.
  static constexpr double kFar = 1416.0;

  static HWY_INLINE Number FromLanes(Lanes x) { return {x, hn::Zero(D())}; }
  static HWY_INLINE Lanes ToLanes(const Number& x) { return Number::WithSignOf(x.high, x.high + x.low); }
  static HWY_INLINE Number Constant(double c) { return FromLanes(hn::Set(D(), c)); }
  static HWY_INLINE Number MulAdd(const Number& a, const Number& b, const Number& c) { return a * b + c; }
  static HWY_INLINE Mask Less(const Number& a, const Number& b) { return hn::Lt(a.high, b.high); }
  static HWY_INLINE Number Where(Mask mask, const Number& yes, const Number& no) {
    return {hn::IfThenElse(mask, yes.high, no.high), hn::IfThenElse(mask, yes.low, no.low)};
  }
  static HWY_INLINE Number Abs(const Number& a) { return Where(hn::Lt(a.high, hn::Zero(D())), -a, a); }
  static HWY_INLINE Number SignedZero(const Number& a) { return FromLanes(hn::CopySign(hn::Zero(D()), a.high)); }
  static HWY_INLINE Number Scale(const Coefficient& c, const Number& a) { return Widened(c) * a; }

  // c * x with its rounding error. Infinite x becomes the largest number, so that 0 * inf stays 0.
  static HWY_INLINE Number Product(const Coefficient& c, const Number& x) {
    const Lanes largest = hn::Set(D(), std::numeric_limits<double>::max());
    const Lanes finite = hn::IfThenElse(hn::IsInf(x.high), hn::CopySign(largest, x.high), x.high);
    const Number product = Number::Product(c.value, finite);
    return {product.high, hn::IfThenElseZero(hn::IsFinite(product.high), product.low)};
  }

  static HWY_INLINE Number ExpOfMinusHalf(const Number& a) {
    const Lanes minus_half = hn::Set(D(), -0.5);
    return Exp({a.high * minus_half, a.low * minus_half});
  }

  static HWY_INLINE Number TimesExpm1(const Coefficient& c, const Number& x) {
    // Below -40, exp(x) - 1 is -1 as well as at -40.
    const Number power = Exp(FromLanes(hn::Max(hn::Set(D(), -40.0), hn::Min(hn::Zero(D()), x.high))));
    const Number difference = Number::Sum(power.high, hn::Set(D(), -1.0));
    return Widened(c) * Number::FastSum(difference.high, difference.low + power.low);
  }

  // c * exp(x), as (c * exp(x / 2)) * exp(x / 2), so that a large c rescues a small power.
  static HWY_INLINE Number TimesExp(const Coefficient& c, const Number& x) {
    const Lanes within = hn::Max(hn::Set(D(), -kFar), hn::Min(hn::Zero(D()), x.high));
    // As in wide.h: NaN stays NaN on NEON too.
    const Lanes bounded = HWY_ARCH_X86 ? within : hn::IfThenElse(hn::IsNaN(x.high), x.high, within);
    const Number root = ExpOfMinusHalf(FromLanes(hn::Neg(bounded)));
    return (Widened(c) * root) * root;
  }

  using Logistic = ScaledLogistic<PairMath>;

 private:
  static HWY_INLINE Number Widened(const Coefficient& c) { return FromLanes(c.value); }

  // exp(y) for -708 <= y <= 0, relative error below 2^-56: 2^n times the Taylor series to r^13, |r| <= log(2) / 2.
  static HWY_INLINE Number Exp(const Number& y) {
    const D d;
    const hn::RebindToSigned<D> di;
    const Lanes magic = hn::Set(d, 6755399441055744.0);  // 1.5 * 2^52
    const Lanes shifted = hn::MulAdd(y.high, hn::Set(d, 1.4426950408889634), magic);
    const Lanes n = shifted - magic;
    // log(2) in two parts, the first of 32 bits, so that n times it is exact.
    const Lanes coarse = hn::NegMulAdd(n, hn::Set(d, 0x1.62e42feep-1), y.high);
    const Number r = Number::FastSum(coarse, hn::NegMulAdd(n, hn::Set(d, 0x1.a39ef35793c76p-33), y.low));
    Lanes tail = hn::Set(d, 1.0 / 6227020800.0);
    tail = hn::MulAdd(tail, r.high, hn::Set(d, 1.0 / 479001600.0));
    tail = hn::MulAdd(tail, r.high, hn::Set(d, 1.0 / 39916800.0));
    tail = hn::MulAdd(tail, r.high, hn::Set(d, 1.0 / 3628800.0));
    tail = hn::MulAdd(tail, r.high, hn::Set(d, 1.0 / 362880.0));
    tail = hn::MulAdd(tail, r.high, hn::Set(d, 1.0 / 40320.0));
    tail = hn::MulAdd(tail, r.high, hn::Set(d, 1.0 / 5040.0));
    tail = hn::MulAdd(tail, r.high, hn::Set(d, 1.0 / 720.0));
    tail = hn::MulAdd(tail, r.high, hn::Set(d, 1.0 / 120.0));
    tail = hn::MulAdd(tail, r.high, hn::Set(d, 1.0 / 24.0));
    tail = hn::MulAdd(tail, r.high, hn::Set(d, 1.0 / 6.0));
    tail = hn::MulAdd(tail, r.high, hn::Set(d, 0.5));
    const Number linear = Number::FastSum(hn::Set(d, 1.0), r.high);
    const Lanes low = linear.low + hn::MulAdd(r.high * r.high, tail, r.low);
    const auto exponent = hn::Add(hn::ShiftLeft<52>(hn::BitCast(di, shifted)), hn::Set(di, int64_t{1023} << 52));
    const Lanes scale = hn::BitCast(d, exponent);
    const Number sum = Number::FastSum(linear.high, low);
    return {sum.high * scale, sum.low * scale};
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
