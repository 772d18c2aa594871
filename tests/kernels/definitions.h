// The activations from their definitions, in a `Real` that is more precise than what is tested, and the errors of the
// kernels' results. No code is shared with the kernels.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "activations.h"
#include "csrc/passes/facts.h"
#include "csrc/passes/passes.h"

namespace tfcustomact {

// What the definitions in csrc/activations compute with.
template <class T>
struct Real {
  T v;

  explicit Real(T value) : v(value) {}

  friend Real operator-(Real a) { return Real(-a.v); }
  friend Real operator+(Real a, Real b) { return Real(a.v + b.v); }
  friend Real operator-(Real a, Real b) { return Real(a.v - b.v); }
  friend Real operator*(Real a, Real b) { return Real(a.v * b.v); }
  friend Real operator/(Real a, Real b) { return Real(a.v / b.v); }
  friend bool operator<(Real a, Real b) { return a.v < b.v; }
  friend bool operator>(Real a, Real b) { return a.v > b.v; }
  friend bool operator==(Real a, Real b) { return a.v == b.v; }
  friend bool IsInf(Real a) { return std::isinf(a.v); }
  friend Real Abs(Real a) { return Real(std::abs(a.v)); }
  friend Real CopySign(Real size, Real sign) { return Real(std::copysign(size.v, sign.v)); }
  friend Real Fma(Real a, Real b, Real c) { return Real(std::fma(a.v, b.v, c.v)); }
  friend Real Exp(Real a) { return Real(std::exp(a.v)); }
  friend Real Expm1(Real a) { return Real(std::expm1(a.v)); }
  friend Real Log1p(Real a) { return Real(std::log1p(a.v)); }
  friend Real Erfc(Real a) { return Real(std::erfc(a.v)); }
};

// An activation, as the tests know it at run time.
struct Subject {
  const char* name;
  Activation activation;
  Parameter parameter;
  LargestErrors stated;
  double (*ulp_floor)(Order, double);
  Exact<double> (*in_double)(double x, double parameter);
  Exact<long double> (*in_long_double)(long double x, long double parameter);

  Exact<double> At(double x, double c) const { return in_double(x, c); }
  Exact<long double> At(long double x, long double c) const { return in_long_double(x, c); }

  // x, or its product with a parameter that is a factor of it.
  template <class T>
  T ArgumentOf(T x, T c) const {
    return parameter == Parameter::kFactorOfX ? c * x : x;
  }
};

template <class Definition, class T>
Exact<T> DefinedAt(T x, T parameter) {
  const Exact<Real<T>> exact = Definition::Definition(Real<T>(x), Real<T>(parameter));
  return {exact.value.v, exact.derivative.v, exact.second_derivative.v, exact.by_parameter.v};
}

inline constexpr Subject kSubjects[] = {
#define TFCUSTOMACT_SUBJECT(Name, name) \
  {#name,                               \
   Activation::k##Name,                 \
   Name::kParameter,                    \
   Name::kLargestErrors,                \
   &Name::UlpFloor,                     \
   &DefinedAt<Name, double>,            \
   &DefinedAt<Name, long double>},
    TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_SUBJECT)
#undef TFCUSTOMACT_SUBJECT
};

// The max error of a float32 or float64 result, in ULP: 2, or what the activation states if that is more.
inline double MaxError(const Subject& subject, Order order) {
  const int i = order == Order::kValue ? 0 : 1;
  const LargestErrors& stated = subject.stated;
  return std::max({2.0, stated.of_float32[i], stated.of_float64[i], stated.of_double_double[i]});
}

// A parameter that the activation accepts: this one, 1 where there is none, and a positive number where x is divided by
// it.
inline double Accepted(const Subject& subject, double parameter) {
  if (subject.parameter == Parameter::kNone) return 1;
  if (subject.parameter != Parameter::kDivisorOfX) return parameter;
  return parameter == 0 ? 1 : std::abs(parameter);
}

// The parameters to try, of those given: the first, which is 1, where there is none.
template <class Parameters>
std::size_t ParametersToTry(const Subject& subject, const Parameters& parameters) {
  return subject.parameter == Parameter::kNone ? 1 : std::size(parameters);
}

template <class T>
T OfOrder(const Exact<T>& exact, Order order) {
  return order == Order::kValue        ? exact.value
         : order == Order::kDerivative ? exact.derivative
                                       : exact.second_derivative;
}

// The pass that gives a derivative for a dy of 1.
constexpr Pass PassFor(Order order) {
  return order == Order::kValue ? Pass::kValue : order == Order::kDerivative ? Pass::kGradient : Pass::kSecondGradient;
}

// The arguments of that pass.
inline Arguments ArgumentsFor(Order order, const void* ones, const void* x, void* out, double parameter) {
  if (order == Order::kValue) return {{x}, {out}, parameter, {}};
  return {{ones, x}, {out}, parameter, {}};
}

// About the x whose value is the largest number of type T: the value of a large x is a multiple of it.
template <class T>
T WhereValuesOverflow(const Subject& subject, T parameter) {
  const T large = T(0x1p100), multiple = static_cast<T>(subject.At(double{large}, double{parameter}).value) / large;
  return std::numeric_limits<T>::max() / std::max(multiple, T(1));
}

// The primes of f, f' or f''.
inline const char* Primes(Order order) {
  return order == Order::kValue ? "" : order == Order::kDerivative ? "'" : "''";
}

// The numbers of a dtype.
struct Format {
  int mantissa_bits, smallest_exponent, largest_exponent;

  // The distance of neighbours at `size`.
  template <class T>
  T Ulp(T size) const {
    const int exponent = size == 0 ? smallest_exponent : std::max(std::ilogb(size), smallest_exponent);
    return std::ldexp(T(1), exponent - mantissa_bits);
  }

  template <class T>
  T Round(T a) const {
    if (!std::isfinite(a)) return a;
    const T ulp = Ulp(a), rounded = std::nearbyint(a / ulp) * ulp;
    return std::abs(rounded) >= std::ldexp(T(1), largest_exponent + 1) ? std::copysign(T(INFINITY), a) : rounded;
  }
};

// |got - exact| in ULPs of the exact value, infinite where a special value or the sign of a zero value is wrong.
// `argument` is what Subject::ArgumentOf gives.
template <class T>
T Error(const Format& format, const Subject& subject, Order order, T argument, T got, T exact) {
  const T rounded = format.Round(exact), wrong = std::numeric_limits<T>::infinity();
  if (std::isnan(exact) || std::isnan(got)) return std::isnan(exact) == std::isnan(got) ? 0 : wrong;
  if (std::isinf(rounded) || std::isinf(got)) return rounded == got ? 0 : wrong;
  if (order == Order::kValue && got == 0 && std::signbit(got) != std::signbit(exact)) return wrong;
  const T floor = subject.ulp_floor(order, static_cast<double>(argument));
  return std::abs(got - exact) / format.Ulp(std::max(std::abs(rounded), floor));
}

}  // namespace tfcustomact
