// Pairs of float64 numbers, high + low, for float64 arrays: about 100 bits where the error of a rounding would show.
//
// Lane type float64. Largest error of a float64 result, for a million inputs over the whole range (tests/kernels
// repeats the number): 1.6 ULP for values and slopes, 1.9 where the process flushes subnormal numbers. Below 1e-292 low
// parts underflow; elsewhere the largest error is 0.8 ULP.
// Arithmetic after Dekker, "A Floating-Point Technique for Extending the Available Precision", 1971.
#pragma once

#include "csrc/formulas/macros.h"

namespace tfcustomact {

// `Lanes` is one double, or many that go through the same operations.
template <class Lanes>
class Pair {
 public:
  using Mask = typename Lanes::Mask;

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
        // Veltkamp's splitting by masking: nothing overflows.
        const Lanes a1 = Lanes::UpperBits(a), b1 = Lanes::UpperBits(b), a2 = a - a1, b2 = b - b1;
        return {product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2};
      }
    }

    // -0 + 0 is +0: an underflow would lose its sign in a sum.
    TFCUSTOMACT_FUNCTION static Lanes WithSignOf(Lanes sign, Lanes sum) { return Lanes::CopySign(sum, sign); }

    friend TFCUSTOMACT_FUNCTION Number operator-(const Number& a) { return {-a.high, -a.low}; }

    friend TFCUSTOMACT_FUNCTION Number operator+(const Number& a, const Number& b) {
      const Number sum = Sum(a.high, b.high);
      return FastSum(sum.high, sum.low + (a.low + b.low));
    }

    friend TFCUSTOMACT_FUNCTION Number operator-(const Number& a, const Number& b) { return a + (-b); }

    friend TFCUSTOMACT_FUNCTION Number operator*(const Number& a, const Number& b) {
      const Number product = Product(a.high, b.high);
      const Number sum = FastSum(product.high, Lanes::MulAdd(a.high, b.low, Lanes::MulAdd(a.low, b.high, product.low)));
      return {WithSignOf(product.high, sum.high), sum.low};
    }

    friend TFCUSTOMACT_FUNCTION Number operator/(const Number& a, const Number& b) {
      const Lanes quotient = a.high / b.high;
      const Number back = Product(quotient, b.high);
      const Lanes rest = ((a.high - back.high) - back.low) + (a.low - quotient * b.low);
      // Where the quotient is infinite, so is the result: the rest is NaN there.
      return {quotient, Lanes::Where(Lanes::IsFinite(quotient), rest / b.high, Lanes::Constant(0))};
    }
  };

  using Input = Number;

  struct Coefficient {
    explicit Coefficient(double c) : value(Lanes::Constant(c)) {}
    Lanes value;
  };

  TFCUSTOMACT_FUNCTION static Number FromLanes(Lanes x) { return {x, Lanes::Constant(0)}; }
  TFCUSTOMACT_FUNCTION static Lanes ToLanes(const Number& x) { return Number::WithSignOf(x.high, x.high + x.low); }
  TFCUSTOMACT_FUNCTION static Number Constant(double c) { return FromLanes(Lanes::Constant(c)); }
  TFCUSTOMACT_FUNCTION static Number MulAdd(const Number& a, const Number& b, const Number& c) { return a * b + c; }
  TFCUSTOMACT_FUNCTION static Mask Less(const Number& a, const Number& b) { return Lanes::Less(a.high, b.high); }
  TFCUSTOMACT_FUNCTION static Number Where(Mask mask, const Number& yes, const Number& no) {
    return {Lanes::Where(mask, yes.high, no.high), Lanes::Where(mask, yes.low, no.low)};
  }
  TFCUSTOMACT_FUNCTION static Number Scale(const Coefficient& c, const Number& a) { return FromLanes(c.value) * a; }

  // Below -40, exp(x) - 1 is -1 as well as at -40.
  TFCUSTOMACT_FUNCTION static Number TimesExpm1(const Coefficient& c, const Number& x) {
    const Number power = Exp(FromLanes(Lanes::Clamp(-40, 0, x.high)));
    const Number difference = Number::Sum(power.high, Lanes::Constant(-1));
    return Scale(c, Number::FastSum(difference.high, difference.low + power.low));
  }

  // c * exp(x), as (c * exp(x / 2)) * exp(x / 2), so that a large c rescues a small power.
  TFCUSTOMACT_FUNCTION static Number TimesExp(const Coefficient& c, const Number& x) {
    const Number root = ExpOfHalf(FromLanes(Lanes::Clamp(-kFar, 0, x.high)));
    return Scale(c, root) * root;
  }

  // sigmoid(-|beta * x|) = e / (1 + e), with e as the square of its root, which does not underflow where e does.
  class Tail {
   public:
    TFCUSTOMACT_FUNCTION Tail(const Coefficient& beta, const Number& x) : Tail(Product(beta, x)) {}

    TFCUSTOMACT_FUNCTION Mask IsRight() const { return right_; }
    TFCUSTOMACT_FUNCTION Number Size() const { return size_; }
    TFCUSTOMACT_FUNCTION Number Value() const { return Times(Pair::Constant(1)); }
    TFCUSTOMACT_FUNCTION Number Times(const Number& y) const { return Where(far_, Nothing(y), Small(y) / Sum()); }
    TFCUSTOMACT_FUNCTION Number Times(const Number& y, const Number&, const Number&) const { return Times(y); }
    // Beyond the cut y itself may be infinite, and the product is y or 0.
    TFCUSTOMACT_FUNCTION Number TimesSigmoid(const Number& y) const {
      return Where(far_, Where(right_, y, Nothing(y)), Where(left_, Small(y), y) / Sum());
    }

   private:
    TFCUSTOMACT_FUNCTION explicit Tail(const Number& t)
        : left_(Lanes::Less(t.high, Lanes::Constant(0))),
          right_(Lanes::Less(Lanes::Constant(0), t.high)),
          far_(Lanes::Less(Lanes::Constant(kFar), Lanes::Abs(t.high))),
          size_(Where(far_, Pair::Constant(kFar), Where(right_, t, -t))),
          root_(ExpOfHalf(-size_)) {}

    // beta * x with its rounding error. Infinite x becomes the largest number, so that 0 * inf stays 0.
    TFCUSTOMACT_FUNCTION static Number Product(const Coefficient& beta, const Number& x) {
      const Lanes largest = Lanes::CopySign(Lanes::Constant(0x1.fffffffffffffp1023), x.high);
      const Number product = Number::Product(beta.value, Lanes::Where(Lanes::IsInf(x.high), largest, x.high));
      return {product.high, Lanes::Where(Lanes::IsFinite(product.high), product.low, Lanes::Constant(0))};
    }

    TFCUSTOMACT_FUNCTION static Number Nothing(const Number& y) {
      return FromLanes(Lanes::CopySign(Lanes::Constant(0), y.high));
    }
    TFCUSTOMACT_FUNCTION Number Small(const Number& y) const { return (y * root_) * root_; }
    TFCUSTOMACT_FUNCTION Number Sum() const { return Pair::Constant(1) + root_ * root_; }

    Mask left_, right_, far_;
    Number size_, root_;
  };

  TFCUSTOMACT_FUNCTION static Number TimesSigmoid(const Coefficient& beta, const Number& x) {
    return Tail(beta, x).TimesSigmoid(x);
  }

 private:
  // Where exp(-a / 2) leaves the normal numbers.
  static constexpr double kFar = 1416.0;

  TFCUSTOMACT_FUNCTION static Number ExpOfHalf(const Number& a) {
    const Lanes half = Lanes::Constant(0.5);
    return Exp({a.high * half, a.low * half});
  }

  // exp(y) for -708 <= y <= 0, relative error below 2^-56: 2^n times the Taylor series to r^13, |r| <= log(2) / 2.
  TFCUSTOMACT_FUNCTION static Number Exp(const Number& y) {
    const Lanes magic = Lanes::Constant(6755399441055744.0 + 1023);  // 1.5 * 2^52, and the bias of exponents
    const Lanes biased = Lanes::MulAdd(y.high, Lanes::Constant(1.4426950408889634), magic);
    const Lanes n = biased - magic;
    // log(2) in two parts, the first of 32 bits, so that n times it is exact.
    const Lanes coarse = Lanes::NegMulAdd(n, Lanes::Constant(0x1.62e42feep-1), y.high);
    const Lanes fine = Lanes::NegMulAdd(n, Lanes::Constant(0x1.a39ef35793c76p-33), y.low);
    const Number r = Number::FastSum(coarse, fine);
    constexpr int kTerms = 13;
    constexpr double kFactorials[] = {1,     1,      2,       6,        24,        120,       720,
                                      5040., 40320., 362880., 3628800., 39916800., 479001600, 6227020800.};
    Lanes tail = Lanes::Constant(1 / kFactorials[kTerms]);
    for (int k = kTerms - 1; k >= 2; --k) tail = Lanes::MulAdd(tail, r.high, Lanes::Constant(1 / kFactorials[k]));
    const Number linear = Number::FastSum(Lanes::Constant(1), r.high);
    const Lanes low = linear.low + Lanes::MulAdd(r.high * r.high, tail, r.low);
    const Number sum = Number::FastSum(linear.high, low);
    const Lanes scale = Lanes::PowerOfTwo(biased);
    return {sum.high * scale, sum.low * scale};
  }
};

}  // namespace tfcustomact
