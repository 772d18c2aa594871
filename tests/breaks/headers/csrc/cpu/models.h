// The precise loops, watched.
#pragma once

#define ModelsOf SoundModelsOf
#include_next "csrc/cpu/models.h"
#undef ModelsOf

#include "tests/breaks/watched.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

template <class Arithmetic, typename T>
struct ModelsOf : SoundModelsOf<Arithmetic, T> {
  struct Facts {
    static constexpr const char* kName = "precise loop";
    static constexpr int kVectors = 1, kNumbers = 1;
  };
  template <class Activation, class Pass>
  using Precise = Watched<typename SoundModelsOf<Arithmetic, T>::template Precise<Activation, Pass>, Facts>;
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
