// NumPy arrays as the kernels take them: checked, with errors that name what was given and what is accepted.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <optional>

#include "csrc/cpu/kernels.h"
#include "csrc/python/checks.h"

namespace tfcustomact::python {

// Runs a value or a gradient, of an activation or of a gated unit, over arrays, which are those that the pass asks for,
// into `out`, or into a new array if that is None. Returns the result. There is no `parameter` for an activation
// without one. If it is an array, or there is a `bias`, the pass with this row is run instead, and with a gradient that
// of the row is returned too; a gated unit has no bias. If up, the last input of a gated unit, is None, gate holds both
// in the halves of its last axis, and so does the result of a gradient, which otherwise is two arrays. Raises TypeError
// or ValueError before anything is written.
pybind11::object Apply(Activation activation, Pass pass, const pybind11::object* const* inputs,
                       const std::optional<Argument>& parameter, const pybind11::object& bias,
                       const pybind11::object& out);

}  // namespace tfcustomact::python
