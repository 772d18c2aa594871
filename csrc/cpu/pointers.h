// Where a loop reads and writes.
#pragma once

#include "csrc/cpu/elements.h"
#include "csrc/passes/passes.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

// The arrays of a pass over elements of type T, and what belongs to them of its row.
template <class Pass, typename T>
struct Pointers {
  const T* in[passes::kInputsOf<Pass>];
  T* out[passes::kOutputsOf<Pass>];
  // The parameters or biases; other parts of parameters (FastMath's OwnCoefficient) begin `row_pitch` numbers apart.
  const LaneOf<T>* row;
  std::size_t row_pitch;
  // Where terms are added: terms that were computed in float32 to few_terms, all others to the other two (passes.h).
  float* few_terms;
  double *sums, *errors;
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
