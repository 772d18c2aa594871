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

// The operand with one number per channel, and the passes that take it.
struct RowOperand {
  const char* name;
  const pybind11::object* object;
  Pass of_value, of_gradient;
};

// Nothing if the parameter is no array, and there is no bias. Raises TypeError if there are both. `x` is what the array
// is called that they lie beside.
std::optional<RowOperand> RowOf(const std::optional<Argument>& parameter, bool parameter_is_array,
                                const pybind11::object& bias, const char* x);

// The shape of what a gate gives: its own, or that of half of its last axis if it is packed. Raises ValueError if it
// has no such half.
std::vector<std::int64_t> GatedShape(std::vector<std::int64_t> gate, bool is_packed);

// Has a pass whose last two inputs, and last two outputs if there are two, are the halves of the last axis of one array
// find these where the arrays lie: `arguments` has the first half of each. `length` is the number of a half's elements
// on this axis.
void SetHalves(Pass pass, DType dtype, std::size_t length, Arguments* arguments);

}  // namespace tfcustomact::python
