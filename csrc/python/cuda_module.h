#pragma once

#include <pybind11/pybind11.h>

namespace tfcustomact::python {

// Adds the submodule `cuda`: the CUDA kernels on device arrays, and facts about the build and the devices.
// tfcustomact/cuda.py documents the functions.
void DefineCuda(pybind11::module_& module);

}  // namespace tfcustomact::python
