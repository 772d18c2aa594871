// The formulas of the CUDA kernels, compiled for the host: one element at a time, with an approximate reciprocal that
// errs as the device's may.
#pragma once

#include <vector>

#include "csrc/cpu/channels.h"
#include "csrc/cpu/kernel_table.h"
#include "csrc/passes/broadcast.h"

namespace tfcustomact {

// The function of a float32 or float64 kernel of a pass without a row, over arrays.
cpu::Kernel ScalarKernel(Activation activation, Pass pass, DType dtype);

// The launch of a bfloat16, float32 or float64 kernel of a pass with a row, for arrays in the host's memory. The row of
// bfloat16 arrays is of float32.
void ScalarByChannels(const ChannelCall& call, const std::vector<AxisRun>& runs);

// Whether this processor has the instructions that they were compiled for.
bool ScalarKernelsRunHere();

}  // namespace tfcustomact
