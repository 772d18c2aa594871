// Passes with one number per channel (Row in csrc/passes/kinds.h): the kernels work on rows, and this divides arrays of
// any shape into rows.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "csrc/cpu/kernels.h"
#include "csrc/passes/broadcast.h"

namespace tfcustomact::cpu {

// One call of a pass. `row` is the operand that holds one number per channel, and `row_gradient` the sum over each
// channel, if the pass has one; both are C-contiguous and of the type `row_dtype`, which is `dtype`, or float32 beside
// narrower types.
struct ChannelCall {
  Activation activation;
  Pass pass;
  DType dtype;
  Arguments arguments;
  const void* row;
  DType row_dtype;
  void* row_gradient;
  Access access;
};

// Calls work(i) for each i below `units`, on any threads, and returns when all are done.
using ShareUnits = std::function<void(std::size_t units, const std::function<void(std::size_t)>& work)>;

// Runs the pass over arrays whose shape, beside the operand's, is `runs`. What is summed in which order depends on the
// shape alone: the sums have the same bits for every number of threads. Throws std::bad_alloc.
void RunByChannels(const ChannelCall& call, const std::vector<AxisRun>& runs, const ShareUnits& share);

}  // namespace tfcustomact::cpu
