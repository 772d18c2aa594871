// The fast model: a number is one lane. For arguments whose exponential is a normal number of the lane's type.
//
// Lane type float32 (float64 with the constants of float64_constants.h), with fused multiply-add. Every activation
// states the largest errors of its value and derivative. Outside the reach of a formula the result is undefined: the
// loops send such elements to via_double.h or double_double.h.
#pragma once

#include <type_traits>

#include "csrc/numbers/function.h"
#include "csrc/numbers/horner.h"
#include "csrc/numbers/inverse.h"
#include "csrc/numbers/polynomials.h"

namespace tfcustomact {

// The constants of float32's exponential.
struct Float32Constants {
  // Adding it rounds to an integer: 1.5 * 2^23.
  static constexpr double kRounder = 12582912.0;

  // The exponent bias.
  static constexpr double kBias = 127;

  // exp(y) and exp(-y) are normal numbers for |y| <= kMaxArgument.
  static constexpr double kMaxArgument = 87.0;

  // The rounding error of exp(-y) is a normal number for |y| <= kMaxArgumentOfTail.
  static constexpr double kMaxArgumentOfTail = 70.0;

  // 1 + exp(-kSaturated) rounds to 1: exp(x) - 1 is -1 for every x below -kSaturated.
  static constexpr double kSaturated = 20.0;

  // Coefficients of a size between these are served: both parts of the constant of a product are normal numbers, and
  // so are the coefficient times exp(-kSaturated), and a divisor times the square of the smallest quotient that counts
  // beside 1.
  static constexpr double kMinCoefficient = 0x1p-76, kMaxCoefficient = 1e30f;

  // Whether rounding errors on the way to a result are corrected, since they would show in it.
  static constexpr bool kCorrectsRoundings = true;

  // c * log2(e) in two parts.
  static TFCUSTOMACT_HOST_FUNCTION double High(double c) { return static_cast<float>(c * kLog2E); }
  static TFCUSTOMACT_HOST_FUNCTION double Low(double c) { return c * kLog2E - High(c); }
  static constexpr double kLog2E = 1.4426950408889634;
  // The rounding error of log2(e) in the lanes' type.
  static constexpr double kLog2ELow = 0x1.4ae0bfp-26;

  // log(2) less itself rounded to the lanes' type.
  static constexpr double kLog2Error = -0x1.05c610p-29;

  // log(2) in two parts, the first of 10 bits, so that an exponent times it is exact.
  static constexpr double kLog2High = 0x1.63p-1, kLog2Low = -0x1.bd0106p-13;

  // (2^r - 1) / r for |r| <= 1/2
  template <class Lanes>
  static TFCUSTOMACT_FUNCTION Lanes PowerOf2(Lanes r) {
    return Polynomial(PowerOf2Float32(), r);
  }

  // (exp(r) - 1) / r for |r| <= log(2) / 2
  static constexpr auto kPowerOfE = PowerOfEFloat32();

  // exp(-size) is kept as 2^kShift * exp(-size), and the product with 2^-kShift comes last, so that nothing but a
  // result may be subnormal. Sizes are bounded by kVanished, where this is still a normal number, and results are 0
  // already.
  static constexpr double kShift = 64, kVanished = 130, kPowerOfMinusShift = 0x1p-64;

  // The rounding error of a constant in the lanes' type.
  static constexpr TFCUSTOMACT_FUNCTION double LowPart(double c) {
    return c - static_cast<double>(static_cast<float>(c));
  }

  // (log(1 + z) - z) / z^2 for 0 <= z <= 1
  static constexpr auto kLogarithm = LogarithmFloat32();

  // See NormalRatio.
  static constexpr auto kNormalRatio = NormalRatioFloat32();
};

// What is known of a coefficient: it is 1, so that products with it are exact (kOne); it is the same for all elements,
// so that what depends on it alone is computed once (kSame); or nothing, since elements have their own (kOwn).
enum class Factor { kOne, kSame, kOwn };

// `Lanes` is one number, or many that go through the same operations. `kIsDivisor`: x is divided by coefficients.
template <class Lanes, class Constants, Factor kFactor, bool kIsDivisor>
class FastMath {
 public:
  using Number = Lanes;
  using Mask = typename Lanes::Mask;
  static constexpr bool kIsOne = kFactor == Factor::kOne;

 private:
  // exp(c * x) is 2^(c * log2(e) * x). The constant is kept in two parts, so that its rounding costs no ULP.
  struct Exponent {
    Exponent() = default;
    explicit Exponent(double c) : high(Constant(Constants::High(c))), low(Constant(Constants::Low(c))) {}
    TFCUSTOMACT_FUNCTION explicit Exponent(Number c)
        : high(c * Constant(Constants::kLog2E)),
          low(MulAdd(c, Constant(Constants::kLog2ELow), Lanes::MulSub(c, Constant(Constants::kLog2E), high))) {}
    Number high, low;
  };

  // exp(x / c) is twice as large where x is larger by c * log(2), which is kept in two parts.
  struct Doubling {
    Doubling() = default;
    TFCUSTOMACT_FUNCTION explicit Doubling(Number c)
        : inverse(InverseOfPositive(c)),
          rate(inverse * Constant(Constants::kLog2E)),
          high(c * Constant(kLog2)),
          low(MulAdd(c, Constant(Constants::kLog2Error), Lanes::MulSub(c, Constant(kLog2), high))) {}
    static constexpr double kLog2 = 0x1.62e42fefa39efp-1;
    Number inverse, rate, high, low;
  };
  // Only what x is divided by needs it.
  struct Nothing {
    Nothing() = default;
    TFCUSTOMACT_FUNCTION explicit Nothing(Number) {}
  };
  using OfDivisor = std::conditional_t<kIsDivisor, Doubling, Nothing>;

  // Range reduction: an exponential is 2^n * 2^r or 2^n * exp(r), where n is the integer nearest to x * c. `bits` has
  // n + bias in its low bits.
  struct Integer {
    TFCUSTOMACT_FUNCTION Integer(Number x, Number c, double bias = 0)
        : bits(MulAdd(x, c, Constant(Constants::kRounder + bias))), n(bits - Constant(Constants::kRounder + bias)) {}
    Number bits, n;
  };

  // exp(c * x) = 2^(n + r), |r| <= 1/2.
  TFCUSTOMACT_FUNCTION static Number ReducedProduct(const Exponent& c, Number x, Number n) {
    const Number r = Lanes::MulSub(x, c.high, n);
    if constexpr (Constants::kCorrectsRoundings) {
      return MulAdd(x, c.low, r);
    } else {
      return r;
    }
  }

  // exp(x) = 2^n * exp(r), |r| <= log(2) / 2. Where n = 0, r is x itself.
  TFCUSTOMACT_FUNCTION static Number Reduced(Number x, Number n) {
    const Number r = MulAdd(n, Constant(-Constants::kLog2High), x);
    if constexpr (Constants::kCorrectsRoundings) {
      return MulAdd(n, Constant(-Constants::kLog2Low), r);
    } else {
      return r;
    }
  }

  // c * (exp(x) - 1) is coarse + (c * q) * small, where q = (exp(r) - 1) / r: c * (2^n - 1) + (c * q) * (r * 2^n). No x
  // but 0 is a multiple of log(2): r is 0 for n = 0 alone, and never so small that r * 2^n is subnormal.
  struct Expm1Terms {
    TFCUSTOMACT_FUNCTION Expm1Terms(Number c, Number x) {
      const Number y = Lanes::Max(-Constants::kSaturated, x);
      const Integer integer(y, Constant(Constants::kLog2E));
      r = Reduced(y, integer.n);
      small = Lanes::TimesPowerOfTwo(r, integer.bits);
      coarse = Lanes::TimesPowerOfTwo(c, integer.bits) - c;
    }
    Number r, small, coarse;
  };

 public:
  // What TimesExp and TimesExpm1 need of a number.
  struct FixedCoefficient {
    TFCUSTOMACT_FUNCTION explicit FixedCoefficient(double c) : value(Constant(c)) {
      // A copy, since device code may not refer to the member.
      constexpr auto terms = Constants::kPowerOfE;
      for (int i = 0; i < kTerms; ++i) power[i] = Constant(c * terms.highest_power_first[i]);
    }
    Number value;
    // The polynomial of c * (exp(r) - 1) / r, so that elements need no multiplication by c, and no rounding of it.
    static constexpr int kTerms = decltype(Constants::kPowerOfE)::kCount;
    Number power[kTerms];
  };
  struct SameCoefficient : FixedCoefficient {
    explicit SameCoefficient(double c)
        : FixedCoefficient(c), minus(-c), rising(c < 0 ? -c : c), doubling(Constant(c)) {}
    Exponent minus, rising;
    OfDivisor doubling;
  };
  struct OwnCoefficient {
    OwnCoefficient() = default;
    TFCUSTOMACT_FUNCTION explicit OwnCoefficient(Number c) : value(c), minus(-c), rising(Lanes::Abs(c)), doubling(c) {}

    // Calls f with each of its parts, the value first, so that they can be stored and loaded.
    static constexpr int kParts = 5;
    template <class F>
    TFCUSTOMACT_FUNCTION void ForEachPart(const F& f) {
      f(value);
      if constexpr (kIsDivisor) {
        f(doubling.inverse);
        f(doubling.rate);
        f(doubling.high);
        f(doubling.low);
      } else {
        f(minus.high);
        f(minus.low);
        f(rising.high);
        f(rising.low);
      }
    }

    Number value;
    Exponent minus, rising;
    OfDivisor doubling;
  };
  using Coefficient = std::conditional_t<kFactor == Factor::kOwn, OwnCoefficient, SameCoefficient>;
  TFCUSTOMACT_FUNCTION static Coefficient One() {
    if constexpr (kFactor == Factor::kOwn) {
      return Coefficient(Constant(1));
    } else {
      return Coefficient(1);
    }
  }

  TFCUSTOMACT_FUNCTION static Number FromLanes(Lanes x) { return x; }
  TFCUSTOMACT_FUNCTION static Lanes ToLanes(Number x) { return x; }

  static constexpr double kMaxArgument = Constants::kMaxArgument, kMaxArgumentOfTail = Constants::kMaxArgumentOfTail;

  // Whether the model serves a coefficient.
  static bool Serves(double c) {
    const double size = c < 0 ? -c : c;
    return size > Constants::kMinCoefficient && size < Constants::kMaxCoefficient;
  }
  TFCUSTOMACT_FUNCTION static Mask Serves(const Coefficient& c) {
    const Number size = Lanes::Abs(c.value);
    return Lanes::And(Less(Constant(Constants::kMinCoefficient), size),
                      Less(size, Constant(Constants::kMaxCoefficient)));
  }

  TFCUSTOMACT_FUNCTION static Number Constant(double c) { return Lanes::Constant(c); }
  TFCUSTOMACT_FUNCTION static Number MulAdd(Number a, Number b, Number c) { return Lanes::MulAdd(a, b, c); }
  TFCUSTOMACT_FUNCTION static Mask Less(Number a, Number b) { return Lanes::Less(a, b); }
  TFCUSTOMACT_FUNCTION static Number Where(Mask mask, Number yes, Number no) { return Lanes::Where(mask, yes, no); }

  TFCUSTOMACT_FUNCTION static Number Scale(const Coefficient& c, Number x) {
    if constexpr (kIsOne) {
      return x;
    } else {
      return c.value * x;
    }
  }

  // c * (exp(r) - 1) / r
  TFCUSTOMACT_FUNCTION static Number TimesPowerOfE(const FixedCoefficient& c, Number r) {
    return Polynomial(c.power, r);
  }
  TFCUSTOMACT_FUNCTION static Number TimesPowerOfE(const OwnCoefficient& c, Number r) {
    constexpr auto terms = Constants::kPowerOfE;
    return c.value * Polynomial(terms, r);
  }

  // Within the reach of a formula, x is finite.
  TFCUSTOMACT_FUNCTION static Number Bounded(Number x) { return x; }
  TFCUSTOMACT_FUNCTION static Number TimesInput(Number x, Number y) { return x * y; }

  // The product with 2^n comes last: r * 2^n may be subnormal where the power is not.
  template <class ACoefficient>
  TFCUSTOMACT_FUNCTION static Number TimesExp(const ACoefficient& c, Number x) {
    const Integer integer(x, Constant(Constants::kLog2E), Constants::kBias);
    const Number r = Reduced(x, integer.n);
    return MulAdd(TimesPowerOfE(c, r), r, c.value) * Lanes::PowerOfTwo(integer.bits);
  }

  template <class ACoefficient>
  TFCUSTOMACT_FUNCTION static Number TimesExpm1(const ACoefficient& c, Number x) {
    const Expm1Terms terms(c.value, x);
    return MulAdd(TimesPowerOfE(c, terms.r), terms.small, terms.coarse);
  }

  // Under a mask, the last two operations of TimesExpm1 leave y where it is to stay: that takes 4 % less time than to
  // choose between two results. Elsewhere it takes more.
  template <class ACoefficient>
  TFCUSTOMACT_FUNCTION static Number TimesExpm1Or(const ACoefficient& c, Number x, Number y) {
    if constexpr (Lanes::kHasMaskedOperations) {
      const Mask is_left = Less(y, Constant(0));
      const Expm1Terms terms(c.value, x);
      const Number term = Where(is_left, terms.coarse, y);
      return Where(is_left, MulAdd(TimesPowerOfE(c, terms.r), terms.small, term), term);
    } else {
      const Number left = TimesExpm1(c, x);
      return Where(Less(y, Constant(0)), left, y);
    }
  }

  // 1 + exp(|c * x|), and its rounding error. From scale = 2^24 on (2^53 in float64), scale + 1 rounds to scale. But
  // scale - value is exact, and (scale - value) + 1 contains the 1 again.
  struct Divisor {
    Divisor() = default;
    TFCUSTOMACT_FUNCTION Divisor(const Coefficient& c, Number x) {
      const Number size = Lanes::Abs(x), one = Constant(1);
      const Integer integer(size, c.rising.high, Constants::kBias);
      const Number r = ReducedProduct(c.rising, size, integer.n), q = Constants::PowerOf2(r);
      const Number scale = Lanes::PowerOfTwo(integer.bits), small = r * scale;
      value = MulAdd(q, small, scale + one);
      error = Constants::kCorrectsRoundings ? MulAdd(q, small, (scale - value) + one) : Constant(0);
    }

    Number value, error;
  };

  // sigmoid(-|beta * x|) = s = 1 / (1 + exp(|beta * x|)), with the rounding errors of s and of beta * x.
  class Tail {
   public:
    TFCUSTOMACT_FUNCTION Tail(const Coefficient& beta, Number x) : Tail(beta, x, Divisor(beta, x)) {}

    TFCUSTOMACT_FUNCTION Tail(const Coefficient& beta, Number x, const Divisor& divisor)
        : argument_(Scale(beta, x)), value_(Constant(1) / divisor.value) {
      if constexpr (Constants::kCorrectsRoundings) {
        const Number remainder = Lanes::NegMulAdd(value_, divisor.value, Constant(1));
        error_ = Lanes::NegMulAdd(value_, divisor.error, remainder) * value_;
        if constexpr (!kIsOne) size_error_ = Lanes::MulSub(Lanes::Abs(beta.value), Lanes::Abs(x), Size());
      }
    }

    TFCUSTOMACT_FUNCTION Mask IsRight() const { return Less(Constant(0), argument_); }
    TFCUSTOMACT_FUNCTION Number Size() const { return Lanes::Abs(argument_); }
    TFCUSTOMACT_FUNCTION Number Value() const { return value_; }
    TFCUSTOMACT_FUNCTION Number Times(Number y) const {
      if constexpr (Constants::kCorrectsRoundings) {
        return MulAdd(value_, y, error_ * y);
      } else {
        return value_ * y;
      }
    }
    TFCUSTOMACT_FUNCTION Number Times(Number y, Number by_value, Number by_size) const {
      if constexpr (!Constants::kCorrectsRoundings) {
        return value_ * y;
      } else if constexpr (kIsOne) {
        return MulAdd(value_, y, error_ * by_value);
      } else {
        return MulAdd(value_, y, MulAdd(error_, by_value, value_ * (size_error_ * by_size)));
      }
    }

   private:
    Number argument_, value_, error_, size_error_;
  };

  TFCUSTOMACT_FUNCTION static FixedCoefficient Fixed(double c, Number) { return FixedCoefficient(c); }
  // Not as a product with 1 + c, of which fewer bits are left in float32 than of c.
  TFCUSTOMACT_FUNCTION static Number TimesOnePlus(double c, Number x) { return MulAdd(x, Constant(c), x); }
  TFCUSTOMACT_FUNCTION static Number TimesComplement(Number x, Number w) { return Lanes::NegMulAdd(x, w, x); }
  TFCUSTOMACT_FUNCTION static Number Abs(Number a) { return Lanes::Abs(a); }

  // a * b - product
  TFCUSTOMACT_FUNCTION static Number ProductError(Number a, Number b, Number product) {
    if constexpr (Constants::kCorrectsRoundings) {
      return Lanes::MulSub(a, b, product);
    } else {
      return Constant(0);
    }
  }
  TFCUSTOMACT_FUNCTION static Number LowPart(double c, Number) { return Constant(Constants::LowPart(c)); }

  // z = exp(-(size + low)): a mantissa with its rounding error, and a power of two times 2^kShift.
  class Decay {
   public:
    TFCUSTOMACT_FUNCTION explicit Decay(Number size) : Decay(size, Constant(0)) {}
    TFCUSTOMACT_FUNCTION Decay(Number size, Number low) {
      const Number vanished = Constant(Constants::kVanished), one = Constant(1);
      const Number t = -Where(Less(vanished, size), vanished, size);
      const Integer integer(t, Constant(Constants::kLog2E), Constants::kBias + Constants::kShift);
      const Number reduced = Reduced(t, integer.n), r = Constants::kCorrectsRoundings ? reduced - low : reduced;
      constexpr auto terms = Constants::kPowerOfE;
      const Number q = Polynomial(terms, r);
      mantissa_ = MulAdd(q, r, one);
      if constexpr (Constants::kCorrectsRoundings) error_ = MulAdd(q, r, one - mantissa_);
      scale_ = Lanes::PowerOfTwo(integer.bits);
    }

    TFCUSTOMACT_FUNCTION Number Value() const { return Scaled(mantissa_); }
    TFCUSTOMACT_FUNCTION Number Times(Number y) const { return Times(y, y); }
    TFCUSTOMACT_FUNCTION Number Times(Number y, Number by_value) const {
      if constexpr (Constants::kCorrectsRoundings) {
        return Scaled(MulAdd(mantissa_, y, error_ * by_value));
      } else {
        return Scaled(mantissa_ * y);
      }
    }

    // log(1 + z) = z + z^2 * q, whose derivative is about 1 - z / 2.
    TFCUSTOMACT_FUNCTION Number Log1p() const {
      constexpr auto terms = Constants::kLogarithm;
      const Number z = Value(), q = Polynomial(terms, z);
      if constexpr (Constants::kCorrectsRoundings) {
        const Number correction = Scaled(error_ * Lanes::NegMulAdd(z, Constant(0.5), Constant(1)));
        return z + MulAdd(z * z, q, correction);
      } else {
        return MulAdd(z * z, q, z);
      }
    }

   private:
    TFCUSTOMACT_FUNCTION Number Scaled(Number a) const { return a * scale_ * Constant(Constants::kPowerOfMinusShift); }

    Number mantissa_, error_, scale_;
  };

  TFCUSTOMACT_FUNCTION static Number Log1pmx(Number z) {
    constexpr auto terms = Constants::kLogarithm;
    return z * z * Polynomial(terms, z);
  }

  // x is n * c * log(2) + s, and exp(x / c) is 2^n * exp(r) with r = s / c. Where n = 0, s is x itself: however small x
  // is beside c, nothing is subnormal before the result is.
  class ExpOfQuotient {
   public:
    TFCUSTOMACT_FUNCTION ExpOfQuotient(const Coefficient& c, Number x) : c_(c), x_(x) {}

    TFCUSTOMACT_FUNCTION Number Size() const {
      const Number x = AtLeast(-Constants::kVanished), size = -x * c_.doubling.inverse;
      if constexpr (!Constants::kCorrectsRoundings) return size;
      return Lanes::NegMulAdd(MulAdd(size, c_.value, x), c_.doubling.inverse, size);
    }
    TFCUSTOMACT_FUNCTION Number Value() const { return Times(Constant(1)); }
    TFCUSTOMACT_FUNCTION Number Divided() const { return Times(c_.doubling.inverse); }
    TFCUSTOMACT_FUNCTION Number Times(Number y) const {
      const Parts parts(c_.doubling, AtLeast(-Constants::kVanished), Constants::kShift);
      const Number mantissa = MulAdd(parts.t, parts.r, parts.r) + Constant(1);
      return y * mantissa * parts.scale * Constant(Constants::kPowerOfMinusShift);
    }
    // c * (2^n - 1) + s * 2^n * (1 + t), where 1 + t = (exp(r) - 1) / r. The rounding error of the sum of the larger
    // terms is added to the smallest.
    TFCUSTOMACT_FUNCTION Number Expm1() const {
      const Parts parts(c_.doubling, AtLeast(-Constants::kSaturated), 0);
      const Number small = parts.s * parts.scale, coarse = Lanes::MulSub(c_.value, parts.scale, c_.value);
      const Number sum = coarse + small;
      if constexpr (Constants::kCorrectsRoundings) return sum + MulAdd(small, parts.t, small - (sum - coarse));
      return MulAdd(small, parts.t, sum);
    }

   private:
    struct Parts {
      TFCUSTOMACT_FUNCTION Parts(const Doubling& doubling, Number x, double shift) {
        const Integer integer(x, doubling.rate, Constants::kBias + shift);
        s = Lanes::NegMulAdd(integer.n, doubling.high, x);
        if constexpr (Constants::kCorrectsRoundings) s = Lanes::NegMulAdd(integer.n, doubling.low, s);
        r = s * doubling.inverse;
        constexpr auto terms = LessOne(Constants::kPowerOfE);
        t = Polynomial(terms, r);
        scale = Lanes::PowerOfTwo(integer.bits);
      }
      // (exp(r) - 1) / r - 1, and 2^(n + shift).
      Number s, r, t, scale;
    };

    // x, or t * c if that is more: below that nothing changes any more. NaN stays NaN.
    TFCUSTOMACT_FUNCTION Number AtLeast(double t) const {
      const Number bound = c_.value * Constant(t);
      return Where(Less(x_, bound), bound, x_);
    }

    const Coefficient& c_;
    Number x_;
  };

  // (1 - Phi(a)) * exp(a^2 / 2) is m(t) / (a + 4), t = (a - 4) / (a + 4). The rounding errors of the reciprocal, of t
  // and of the last sum of the polynomial are corrected, the second with a line that is near the derivative of m.
  TFCUSTOMACT_FUNCTION static Number NormalRatio(Number a) {
    const Number one = Constant(1), four = Constant(4), eight = Constant(8), sum = a + four, reciprocal = one / sum;
    const Number t = Lanes::NegMulAdd(eight, reciprocal, one);
    if constexpr (Constants::kCorrectsRoundings) {
      const Number remainder = Lanes::NegMulAdd(reciprocal, sum, one), sum_error = a - (sum - four);
      const Number reciprocal_error = Lanes::NegMulAdd(reciprocal, sum_error, remainder) * reciprocal;
      const Number t_error = Lanes::NegMulAdd(eight, reciprocal_error, one - MulAdd(eight, reciprocal, t));
      constexpr auto kTerms = Constants::kNormalRatio;
      Number q = Constant(kTerms.highest_power_first[0]);
      for (int i = 1; i < kTerms.kCount - 1; ++i) q = MulAdd(q, t, Constant(kTerms.highest_power_first[i]));
      const Number last = Constant(kTerms.highest_power_first[kTerms.kCount - 1]), m = MulAdd(q, t, last);
      const Number m_error = MulAdd(MulAdd(Constant(1.5), t, Constant(-0.7)), t_error, MulAdd(q, t, last - m));
      return MulAdd(reciprocal, m, MulAdd(reciprocal, m_error, reciprocal_error * m));
    } else {
      constexpr auto terms = Constants::kNormalRatio;
      return reciprocal * Polynomial(terms, t);
    }
  }

  // x / (1 + exp(-beta * x)). 1 + scale is exact for scales below 2^24 (2^53 in float64).
  TFCUSTOMACT_FUNCTION static Number TimesSigmoid(const Coefficient& beta, Number x) {
    const Integer integer(x, beta.minus.high, Constants::kBias);
    const Number r = ReducedProduct(beta.minus, x, integer.n), q = Constants::PowerOf2(r);
    const Number one = Constant(1), scale = Lanes::PowerOfTwo(integer.bits), sum = scale + one;
    if constexpr (!Constants::kCorrectsRoundings) {
      return x / MulAdd(q, r * scale, sum);
    } else if constexpr (kIsOne) {
      return x / MulAdd(q, MulAdd(r, scale, one - (sum - scale)), sum);
    } else {
      // With the rounding of beta * x, errors may add up to more than is promised: that of the divisor is corrected.
      const Number small = r * scale, divisor = MulAdd(q, small, sum), quotient = x / divisor;
      const Number excess = Lanes::NegMulAdd(q, small, (divisor - sum) - (one - (sum - scale)));
      return Lanes::CopySign(MulAdd(excess * Lanes::Reciprocal(divisor), quotient, quotient), x);
    }
  }
};

}  // namespace tfcustomact
