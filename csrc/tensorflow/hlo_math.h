// The number model of the XLA lowerings: a number is a node of plain HLO, which XLA fuses with its neighbours.
//
// Element types float32 and float64 (float16 and bfloat16 are computed in float32 and rounded once). XLA has no fused
// multiply-add and its own exponential and logarithm: the promise inside jit_compile is 8 ULP; the largest errors,
// measured by tests/numerics, are in docs/numerics.md.
#pragma once

#include <limits>

#include "csrc/numbers/polynomials.h"
#include "xla/hlo/builder/lib/constants.h"
#include "xla/hlo/builder/lib/math.h"
#include "xla/hlo/builder/xla_builder.h"

namespace tfcustomact {

// A node, or a constant that takes its builder and type from the node that it is combined with.
class HloNumber {
 public:
  HloNumber() = default;
  explicit HloNumber(double constant) : constant_(constant) {}
  HloNumber(xla::XlaOp op) : op_(op) {}  // NOLINT: a node is a number

  xla::XlaOp Like(const HloNumber& other) const { return op_.valid() ? op_ : xla::ScalarLike(other.op_, constant_); }
  xla::XlaOp op() const { return op_; }

  friend HloNumber operator-(const HloNumber& a) {
    return a.IsConstant() ? HloNumber(-a.constant_) : HloNumber(xla::Neg(a.op_));
  }
  friend HloNumber operator+(const HloNumber& a, const HloNumber& b) {
    return AreConstants(a, b) ? HloNumber(a.constant_ + b.constant_) : HloNumber(xla::Add(a.Like(b), b.Like(a)));
  }
  friend HloNumber operator-(const HloNumber& a, const HloNumber& b) {
    return AreConstants(a, b) ? HloNumber(a.constant_ - b.constant_) : HloNumber(xla::Sub(a.Like(b), b.Like(a)));
  }
  friend HloNumber operator*(const HloNumber& a, const HloNumber& b) {
    return AreConstants(a, b) ? HloNumber(a.constant_ * b.constant_) : HloNumber(xla::Mul(a.Like(b), b.Like(a)));
  }
  friend HloNumber operator/(const HloNumber& a, const HloNumber& b) {
    return AreConstants(a, b) ? HloNumber(a.constant_ / b.constant_) : HloNumber(xla::Div(a.Like(b), b.Like(a)));
  }

 private:
  bool IsConstant() const { return !op_.valid(); }
  static bool AreConstants(const HloNumber& a, const HloNumber& b) { return a.IsConstant() && b.IsConstant(); }

  xla::XlaOp op_;
  double constant_ = 0;
};

struct HloMath {
  using Number = HloNumber;
  using Mask = xla::XlaOp;

  // A scalar, or one for each element. `is_one` says that it is known to be 1 when the graph is compiled.
  struct Coefficient {
    xla::XlaOp value;
    bool is_one;
  };

  static Coefficient One() { return {{}, true}; }

  static Number FromLanes(const Number& x) { return x; }
  static Number ToLanes(const Number& x) { return x; }
  static Number Constant(double c) { return Number(c); }
  static Number MulAdd(const Number& a, const Number& b, const Number& c) { return a * b + c; }
  static Mask Less(const Number& a, const Number& b) { return xla::Lt(a.Like(b), b.Like(a)); }
  static Number Where(Mask mask, const Number& yes, const Number& no) {
    return xla::Select(mask, yes.Like(no), no.Like(yes));
  }
  static Number Scale(const Coefficient& c, const Number& x) {
    return c.is_one ? x : Number(xla::Mul(c.value, x.op()));
  }

  static Number Bounded(const Number& x) { return Finite(x); }
  static Number TimesInput(const Number& x, const Number& y) { return x * y; }

  // exp(x) - 1 = 2 * h / (1 - h), h = tanh(x / 2), which does not cancel near 0. Where x / 2 could be
  // subnormal, it is x.
  static Number TimesExpm1(const Coefficient& c, const Number& x) {
    const Number h = xla::Tanh((x * Constant(0.5)).op());
    return Scale(c, Where(Less(x, Constant(-1e-30)), (h + h) / (Constant(1) - h), x));
  }
  static Number TimesExpm1Or(const Coefficient& c, const Number& x, const Number& y) {
    return Where(Less(y, Constant(0)), TimesExpm1(c, x), y);
  }

  // c * exp(x), as (c * exp(x / 2)) * exp(x / 2), so that the product with a large c is normal where exp(x) is not.
  static Number TimesExp(const Coefficient& c, const Number& x) {
    if (c.is_one) return Exp(x);
    const Number root = Exp(x * Constant(0.5));
    return Scale(c, root) * root;
  }

  // x * sigmoid(t), t = beta * x.
  static Number TimesSigmoid(const Coefficient& beta, const Number& x) {
    return beta.is_one ? TimesSigmoidOfItself(x) : TimesSigmoidOfProduct(beta, x);
  }

  // sigmoid(-|t|), t = beta * x, as e / (1 + e), e = exp(-|t|). Beyond 64, e is k times another exponential, and the
  // product with k comes last: y * e may be a normal number where e is subnormal or 0.
  class Tail {
   public:
    Tail(const Coefficient& beta, const Number& x)
        : argument_(beta.is_one ? x : Scale(beta, Finite(x))),
          size_(xla::Min(xla::Abs(argument_.op()), Constant(kSaturated).Like(x))),
          k_(Constant(1)),
          share_(Constant(1)) {
      const Mask far = Less(Constant(64), size_);
      k_ = Where(far, Constant(kExpOfMinus64).Like(x), Constant(1));
      Number power = Exp(Where(far, Constant(64).Like(x), Constant(0)) - size_);
      if (!beta.is_one) {
        const Number error = RoundingError(beta, Finite(x), argument_);
        power = power * (Constant(1) - Where(IsRight(), error, -error));
      }
      share_ = power / (Constant(1) + power * k_);
    }

    Mask IsRight() const { return Less(Constant(0), argument_); }
    Number Size() const { return size_; }
    Number Value() const { return share_ * k_; }
    Number Times(const Number& y) const { return (y * share_) * k_; }
    Number Times(const Number& y, const Number&, const Number&) const { return Times(y); }

   private:
    // Beyond it sigmoid is 0 or 1 in float64. Bounded by it, |t| is never infinite.
    static constexpr double kSaturated = 4096;

    Number argument_, size_, k_, share_;
  };

  static Coefficient Fixed(double c, const Number& x) { return {xla::ScalarLike(x.op(), c), false}; }
  // In float32 with a factor in two parts, the first below 1 + c: rounded to float32, it would be too large for the
  // largest x. x + c * x would not do either, since c * x may be subnormal where the result is not.
  static Number TimesOnePlus(double c, const Number& x) {
    if (TypeOf(x) != xla::F32) return Constant(1 + c) * x;
    const double below = static_cast<float>((1 + c) * (1 - 0x1p-24));
    return Constant(below) * x + Constant(1 + c - below) * x;
  }
  static Number TimesComplement(const Number& x, const Number& w) { return x * (Constant(1) - w); }
  static Number Abs(const Number& x) { return xla::Abs(x.op()); }

  // a * b - product, by Dekker's product of parts of half the bits each. XLA's compiler may fuse a product and a sum:
  // that changes nothing, since the products of parts are exact. All is halved first, since the high part of the
  // largest number would be infinite.
  static Number ProductError(const Number& a, const Number& b, const Number& product) {
    const Number half_a = Constant(0.5) * Number(a.Like(product)), full_b = b.Like(product);
    const Number a_high = High(half_a), b_high = High(full_b), a_low = half_a - a_high, b_low = full_b - b_high;
    const Number rounded = a_high * b_high - Constant(0.5) * product;
    return Constant(2) * (((rounded + a_low * b_high) + a_high * b_low) + a_low * b_low);
  }
  static Number LowPart(double c, const Number& x) {
    return Constant(TypeOf(x) == xla::F32 ? c - static_cast<double>(static_cast<float>(c)) : 0);
  }

  static Number Log1pmx(const Number& z) {
    return z * z * (TypeOf(z) == xla::F32 ? Polynomial(LogarithmFloat32(), z) : Polynomial(LogarithmFloat64(), z));
  }

  // (1 - Phi(a)) * exp(a^2 / 2) is m(t) / (a + 4), t = (a - 4) / (a + 4).
  static Number NormalRatio(const Number& a) {
    const Number sum = a + Constant(4), t = (a - Constant(4)) / sum;
    return (TypeOf(a) == xla::F32 ? Polynomial(NormalRatioFloat32(), t) : Polynomial(NormalRatioFloat64(), t)) / sum;
  }

  // z = exp(-(size + low)), beyond 64 as k times another exponential: the product with k comes last.
  class Decay {
   public:
    explicit Decay(const Number& size) : Decay(size, Constant(0)) {}
    Decay(const Number& size, const Number& low)
        : size_(xla::Min(size.op(), Constant(kVanished).Like(size))), k_(Constant(1)), share_(Constant(1)) {
      const Mask far = Less(Constant(64), size_);
      k_ = Where(far, Constant(kExpOfMinus64).Like(size), Constant(1));
      share_ = Exp(Where(far, Constant(64).Like(size), Constant(0)) - size_) * (Constant(1) - low);
    }

    Number Value() const { return share_ * k_; }
    Number Times(const Number& y) const { return (y * share_) * k_; }
    Number Times(const Number& y, const Number&) const { return Times(y); }
    Number Log1p() const { return xla::Log1p(Value().op()); }

   private:
    // exp(-kVanished) is 0, and so is every product with it.
    static constexpr double kVanished = 4096;

    Number size_, k_, share_;
  };

  // x / c with its rounding error. Of a tiny c no part of that error is subnormal: it is computed of 2^64 times as
  // much.
  class ExpOfQuotient {
   public:
    ExpOfQuotient(const Coefficient& c, const Number& x) : ExpOfQuotient(c, x, RatioOf(c, x)) {}

    Number Size() const { return -ratio_; }
    Number Value() const { return power_.Value(); }
    Number Times(const Number& y) const { return power_.Times(y); }
    Number Divided() const { return c_.is_one ? Value() : Times(Constant(1) / Number(c_.value)); }
    Number Expm1() const { return Where(Less(Constant(-1e-30), ratio_), x_, Scale(c_, TimesExpm1(One(), ratio_))); }

   private:
    struct Ratio {
      Number value, low;
    };

    static Ratio RatioOf(const Coefficient& c, const Number& x) {
      if (c.is_one) return {Bounded(x), Constant(0)};
      const Number given = c.value, zero = Constant(0), infinity = Constant(std::numeric_limits<double>::infinity());
      const Number nan = xla::NanValue(x.op().builder(), TypeOf(x));
      const Number scale = Where(Less(given, Constant(0x1p-64)), Constant(0x1p64).Like(x), Constant(1));
      const Number of_finite = Where(Less(given, infinity), Abs(given) * scale, nan);
      const Number divisor = Where(Less(given, zero), nan, of_finite), dividend = Finite(x) * scale;
      const Number ratio = dividend / divisor, low = -ProductError(divisor, ratio, dividend) / divisor;
      return {Bounded(ratio), Where(Less(xla::Abs(ratio.op()), Constant(1024)), low, zero)};
    }
    // Below that no function of it changes any more.
    static Number Bounded(const Number& ratio) { return xla::Max(ratio.op(), Constant(-4096).Like(ratio)); }

    ExpOfQuotient(const Coefficient& c, const Number& x, const Ratio& ratio)
        : c_(c), x_(x), ratio_(ratio.value), power_(-ratio.value, -ratio.low) {}

    Coefficient c_;
    Number x_, ratio_;
    Decay power_;
  };

 private:
  static constexpr double kExpOfMinus64 = 1.603810890548638e-28;

  // x * sigmoid(x), as k * (x / (k + k * exp(-x))) below 32 and x above: k * exp(-x) is finite where exp(-x) overflows.
  // Every x below its bound has the bound's value, which therefore has to round to 0: GPUs keep subnormal numbers.
  static Number TimesSigmoidOfItself(const Number& x) {
    const xla::Shape shape = *x.op().builder()->GetShape(x.op());
    const bool is_float = shape.element_type() == xla::F32;
    const Number bounded = xla::Max(x.op(), Constant(is_float ? -109 : -760).Like(x));
    const bool large = is_float && xla::ShapeUtil::ElementsIn(shape) >= kManyElements;
    const Number k = Constant(large ? kScale : is_float ? 0x1.2c155cp-6 : 0.0024787521766663585);
    const Number power = large ? ScaledExp(-bounded) : Exp(Constant(is_float ? -4 : -6) - x);
    return Where(Less(Constant(is_float ? 32 : 64), x), x, bounded / (k + power) * k);
  }

  // From this size on XLA always shares a fusion between threads. Below, it does so only if it estimates more than one
  // operation per byte, and waking a thread costs more than is gained. In that estimate its own exponential counts as
  // no operation, and ScaledExp as twenty.
  static constexpr int64_t kManyElements = 1 << 15;
  static constexpr double kScale = 0x1p-32;

  // kScale * exp(y) for float32, -32 <= y <= 109, by the range reduction and the formula of fast_math.h. XLA's own
  // exponential checks its argument, and takes twice the operations.
  static Number ScaledExp(const Number& y) {
    const Number n = xla::RoundNearestEven((y * Constant(1.4426950408889634)).op());
    const Number r = y - n * Constant(0x1.63p-1) - n * Constant(-0x1.bd0106p-13);
    const Number q = Polynomial(PowerOfEXla(), r);
    const xla::XlaOp exponent = xla::ConvertElementType(n.op(), xla::S32);
    const xla::XlaOp bits =
        xla::ShiftLeft(xla::Add(exponent, xla::ScalarLike(exponent, 127 - 32)), xla::ScalarLike(exponent, 23));
    return (q * r + Constant(1)) * Number(xla::BitcastConvertType(bits, xla::F32));
  }

  // k * x / (k + k * exp(-t)), with k = exp(-64) on the far left, where -t - 64 is exact, and elsewhere 1.
  static Number TimesSigmoidOfProduct(const Coefficient& beta, const Number& x) {
    const Number finite = Finite(x), t = Scale(beta, finite);
    const Mask far = Less(t, Constant(-64));
    const Number k = Where(far, Constant(kExpOfMinus64).Like(x), Constant(1));
    const Number power = Exp(Where(far, Constant(-64).Like(x), Constant(0)) - t);
    return Where(far, finite * k, x) / (k + power * (Constant(1) - RoundingError(beta, finite, t)));
  }

  template <int kTerms>
  static Number Polynomial(const PolynomialTerms<kTerms>& terms, const Number& r) {
    Number q = Constant(terms.highest_power_first[0]).Like(r);
    for (int i = 1; i < kTerms; ++i) q = q * r + Constant(terms.highest_power_first[i]);
    return q;
  }

  static xla::PrimitiveType TypeOf(const Number& x) { return x.op().builder()->GetShape(x.op())->element_type(); }
  static Number Exp(const Number& x) { return xla::Exp(x.op()); }
  static Number Largest(const Number& x) { return xla::MaxFiniteValue(x.op().builder(), TypeOf(x)); }
  // Infinities become the largest finite number, whose product with 0 is 0.
  static Number Finite(const Number& x) {
    const Number largest = Largest(x);
    return xla::Max(xla::Min(x.op(), largest.op()), (-largest).op());
  }
  // beta * x - t, for t the rounded product: by Dekker's product of parts of half the bits each. 0 beyond |t| = 1024.
  static Number RoundingError(const Coefficient& beta, const Number& x, const Number& t) {
    // Of half of x, because the high part of the largest number is infinite.
    const Number half = x * Constant(0.5);
    const Number x_high = High(half), beta_high = High(Number(beta.value));
    const Number x_low = half - x_high, beta_low = Number(beta.value) - beta_high;
    const Number rounded = beta_high * x_high - t * Constant(0.5);
    const Number error = (((rounded + beta_low * x_high) + beta_high * x_low) + beta_low * x_low) * Constant(2);
    return Where(Less(xla::Abs(t.op()), Constant(1024)), error, Constant(0));
  }

  static Number High(const Number& x) {
    const bool is_float = TypeOf(x) == xla::F32;
    return xla::ReducePrecision(x.op(), is_float ? 8 : 11, is_float ? 11 : 25);
  }
};

}  // namespace tfcustomact
