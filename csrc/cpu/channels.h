// Passes with one number per channel (Row in csrc/passes/kinds.h): the kernels work on rows, and this divides arrays of
// any shape into rows.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "csrc/cpu/kernels.h"
#include "csrc/passes/broadcast.h"
#include "csrc/passes/passes.h"

namespace tfcustomact::cpu {

// The call of the pass that takes a number instead of a row, if all elements have one parameter and nothing is summed.
std::optional<ChannelCall> CallWithNumber(const ChannelCall& call, const std::vector<AxisRun>& runs);

// Calls work(i) for each i below `units`, on any threads, and returns when all are done.
using ShareUnits = std::function<void(std::size_t units, const std::function<void(std::size_t)>& work)>;

// Runs the pass over arrays whose shape, beside the operand's, is `runs`, and whose last axis has
// call.arguments.rows.length elements if that is not 0. What is summed in which order depends on the
// shape alone: the sums have the same bits for every number of threads. Throws std::bad_alloc.
void RunByChannels(const ChannelCall& call, Access access, const std::vector<AxisRun>& runs, const ShareUnits& share);

}  // namespace tfcustomact::cpu
