// The fast loop, watched.
#pragma once

#define FastLoop SoundFastLoop
#include_next "csrc/cpu/fast_loop.h"
#undef FastLoop

#include "tests/breaks/watched.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

template <bool kIsOne, bool kFourVectors>
struct FactsOfFastLoop {
  static constexpr const char* kName = kIsOne ? "fast loop for a parameter of 1" : "fast loop";
  static constexpr int kVectors = kFourVectors ? 4 : 2, kNumbers = kFourVectors ? 2 : 4;
};

template <class Activation, class Pass, typename T, bool kIsOne>
using FastLoop =
    Watched<SoundFastLoop<Activation, Pass, T, kIsOne>,
            FactsOfFastLoop<kIsOne, !ModelsOf<typename Activation::Arithmetic, T>::Constants::kCorrectsRoundings>>;

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
