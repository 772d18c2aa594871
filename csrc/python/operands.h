// What functions on NumPy arrays and on device arrays share of their operands: arrays with one number per channel, and
// packed halves. Errors name what was given and what is accepted.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "csrc/passes/passes.h"
#include "csrc/python/checks.h"

namespace tfcustomact::python {

// The operand with one number per channel, and the pass that takes it.
struct RowOperand {
  const char* name;
  const pybind11::object* object;
  Pass pass;
};

// Nothing if the parameter is no array, and there is no bias; else the operand of the pass that does what `pass` does
// with it. Raises TypeError if there are both. `x` is what the array is called that they lie beside.
std::optional<RowOperand> RowOf(Pass pass, const std::optional<Argument>& parameter, bool parameter_is_array,
                                const pybind11::object& bias, const char* x);

// How many arrays a call takes and gives, besides the operand with one number per channel and its gradient: those of
// the pass, or fewer if up is None. Then gate is packed, which holds both in the halves of its last axis, and so is the
// gradient of both.
struct ArraysOfCall {
  ArraysOfCall(Pass pass, const pybind11::object* const* inputs);

  int inputs, outputs;
  bool is_packed, gives_packed;
};

// The shape of a value: that of x, or of half of its last axis if it is packed. Raises ValueError if it has no such
// half.
std::vector<std::int64_t> ShapeOfValue(std::vector<std::int64_t> x, bool is_packed);

}  // namespace tfcustomact::python
