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
  const LaneOf<T>* row;
  double *sums, *errors;
};

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
