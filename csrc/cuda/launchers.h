// Tables of functions that launch kernels, one for each activation, pass and dtype.
#pragma once

#include "activations.h"
#include "csrc/cuda/storage.h"
#include "csrc/passes/kinds.h"
#include "csrc/passes/passes.h"

namespace tfcustomact::cuda {

template <typename Launcher>
struct LaunchersOfDTypes {
  Launcher of[kDTypes];
};
template <typename Launcher>
struct LaunchersOfPasses {
  LaunchersOfDTypes<Launcher> of[kPasses];
};
template <typename Launcher>
struct Launchers {
  LaunchersOfPasses<Launcher> of[kActivations];

  Launcher For(Activation activation, Pass pass, DType dtype) const {
    return of[static_cast<int>(activation)].of[static_cast<int>(pass)].of[static_cast<int>(dtype)];
  }
};

// Source::Of<Activation, Pass, dtype, T>() is the function for elements stored as T, or null.
template <class Source, class Activation, class Pass>
constexpr LaunchersOfDTypes<typename Source::Launcher> MakeLaunchers() {
  return {{Source::template Of<Activation, Pass, DType::kFloat16, Float16>(),
           Source::template Of<Activation, Pass, DType::kBFloat16, BFloat16>(),
           Source::template Of<Activation, Pass, DType::kFloat32, float>(),
           Source::template Of<Activation, Pass, DType::kFloat64, double>()}};
}
template <class Source, class Activation>
constexpr LaunchersOfPasses<typename Source::Launcher> MakeLaunchers() {
#define TFCUSTOMACT_LAUNCHERS(Pass) MakeLaunchers<Source, Activation, passes::Pass>(),
  return {{TFCUSTOMACT_PASSES(TFCUSTOMACT_LAUNCHERS)}};
#undef TFCUSTOMACT_LAUNCHERS
}
template <class Source>
constexpr Launchers<typename Source::Launcher> MakeLaunchers() {
#define TFCUSTOMACT_LAUNCHERS(Activation, name) MakeLaunchers<Source, Activation>(),
  return {{TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_LAUNCHERS)}};
#undef TFCUSTOMACT_LAUNCHERS
}

}  // namespace tfcustomact::cuda
