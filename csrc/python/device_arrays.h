// Arrays in a CUDA device's memory as the kernels take them, from whatever library they are: through DLPack
// (https://data-apis.org/array-api/latest/design_topics/data_interchange.html), or, from those that lack it, through
// __cuda_array_interface__ (https://numba.readthedocs.io/en/stable/cuda/cuda_array_interface.html).
//
// DLPack comes first because it has bfloat16, which the other has not, and because with it the producer makes the
// stream wait for what still writes to the array.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "csrc/passes/kinds.h"
#include "csrc/python/checks.h"

namespace tfcustomact::python {

// The CUDA device that an array says it lives on: DLPack names one, __cuda_array_interface__ does not. Raises TypeError
// if it lives elsewhere, or is no array of either protocol.
std::optional<int> DeclaredDevice(const char* name, const pybind11::object& array);

// Whether an object is an array of one of the protocols, wherever its memory is.
bool IsArray(const pybind11::object& object);

// Launches a value or a gradient, of an activation or of a gated unit, over arrays, which are those that the pass asks
// for, into `results` on a stream, without waiting for the kernel. There is no `parameter` for an activation without
// one. If it is an array, or there is a `bias`, the function does what the pass with this row does, and of a gradient
// the last result is the row's; a gated unit has no bias. If up, the last input of a gated unit, is None, gate holds
// both in the halves of its last axis, and so does one result of a gradient, which otherwise are two. Without a stream
// it is the one that the first result names in its __cuda_array_interface__, else the legacy default stream. Raises
// TypeError or ValueError before anything is written, RuntimeError if the launch fails.
void ApplyOnDevice(Activation activation, Pass pass, const pybind11::object* const* inputs,
                   const std::optional<Argument>& parameter, const pybind11::object& bias,
                   const std::vector<pybind11::object>& results, std::optional<std::uintptr_t> stream);

}  // namespace tfcustomact::python
