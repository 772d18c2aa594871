// The formulas of the CUDA kernels, compiled for the host: one element at a time, with an approximate reciprocal that
// errs as the device's may.
#pragma once

#include "csrc/cpu/kernel_table.h"

namespace tfcustomact {

// The function of a float32 or float64 kernel, over arrays.
cpu::Kernel ScalarKernel(Activation activation, Pass pass, DType dtype);

// Whether this processor has the instructions that they were compiled for.
bool ScalarKernelsRunHere();

}  // namespace tfcustomact
