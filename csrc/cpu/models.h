// The number models that compute the elements of each dtype, by the arithmetic that an activation asks for.
#pragma once

#include <type_traits>

#include "csrc/cpu/precise_loops.h"
#include "csrc/numbers/fast_math.h"
#include "csrc/numbers/float64_constants.h"
#include "csrc/numbers/half_constants.h"
#include "csrc/passes/facts.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

// For elements of type T: FastMath with Constants over vectors of Lane, and the loop for elements beyond its reach.
template <class Arithmetic, typename T>
struct ModelsOf;

template <typename T, class TheConstants>
struct FloatModels {
  using Lane = float;
  using Constants = TheConstants;
  template <class Activation, class Pass>
  using Precise = ViaDoubleLoop<Activation, Pass, T>;
};
template <>
struct ModelsOf<ExponentialArithmetic, float> : FloatModels<float, Float32Constants> {};
template <>
struct ModelsOf<ExponentialArithmetic, hwy::float16_t> : FloatModels<hwy::float16_t, Float16Constants> {};
template <>
struct ModelsOf<ExponentialArithmetic, hwy::bfloat16_t> : FloatModels<hwy::bfloat16_t, BFloat16Constants> {};

template <>
struct ModelsOf<ExponentialArithmetic, double> {
  using Lane = double;
  using Constants = Float64Constants;
  template <class Activation, class Pass>
  using Precise = DoubleDoubleLoop<Activation, Pass>;
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
