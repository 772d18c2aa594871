// What is checked of arguments in the same way wherever an array lives. Errors name what was given and what is
// accepted.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <string>

#include "csrc/formulas/kinds.h"

namespace tfcustomact::python {

std::string TypeName(const pybind11::object& object);
std::string Text(const pybind11::handle& object);

// The parameter of an activation of arrays of `dtype`. Raises TypeError if it is no real number, ValueError if it is
// not finite.
double CheckedParameter(const char* name, const pybind11::object& parameter, DType dtype);

// Raises ValueError if `in` and `out`, of `bytes` each, overlap in part: the same memory is fine, and so is memory
// apart.
void CheckOverlap(const void* in, const void* out, std::size_t bytes);

}  // namespace tfcustomact::python
