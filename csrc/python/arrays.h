// NumPy arrays as the kernels take them: checked, with errors that name what was given and what is accepted.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "csrc/cpu/kernels.h"

namespace tfcustomact::python {

// Runs one kernel over `a` (and `dy`, None for values) into `out`, or into a new array if that is None. Returns the
// result. Raises TypeError or ValueError before anything is written.
pybind11::object Apply(Activation activation, Order order, const pybind11::object& dy, const pybind11::object& a,
                       const char* parameter_name, const pybind11::object& parameter, const pybind11::object& out);

}  // namespace tfcustomact::python
