#include "csrc/python/operands.h"

#include <string>

namespace tfcustomact::python {

namespace py = pybind11;

std::optional<RowOperand> RowOf(const std::optional<Argument>& parameter, bool parameter_is_array,
                                const py::object& bias, const char* x) {
  if (bias.is_none()) {
    if (!parameter_is_array) return std::nullopt;
    return RowOperand{parameter->name, &parameter->value, Pass::kTensorValue, Pass::kTensorGradient};
  }
  if (parameter_is_array) {
    throw py::type_error(std::string(parameter->name) + " is an array, and there is a bias: a finite real number is " +
                         "accepted beside a bias, or an array beside an " + x + " that contains it");
  }
  return RowOperand{"bias", &bias, Pass::kBiasedValue, Pass::kBiasedGradient};
}

std::vector<std::int64_t> GatedShape(std::vector<std::int64_t> gate, bool is_packed) {
  if (!is_packed) return gate;
  if (gate.empty() || gate.back() % 2 != 0) {
    throw py::value_error("gate has shape " + TupleText(gate.data(), gate.size()) +
                          ", and there is no up: a packed array is accepted then, whose last axis has two halves");
  }
  gate.back() /= 2;
  return gate;
}

void SetHalves(Pass pass, DType dtype, std::size_t length, Arguments* arguments) {
  const PassFacts facts = FactsOf(pass);
  const std::size_t bytes = length * SizeOf(dtype);
  const int gate = facts.x, up = facts.x + 1;
  Rows& rows = arguments->rows;
  rows.length = length;
  for (int i = 0; i < gate; ++i) rows.in_pitches[i] = length;
  arguments->in[up] = static_cast<const char*>(arguments->in[gate]) + bytes;
  rows.in_pitches[gate] = rows.in_pitches[up] = 2 * length;
  const bool gives_two = facts.outputs == 2;
  rows.out_pitches[0] = gives_two ? 2 * length : length;
  if (gives_two) {
    arguments->out[1] = static_cast<char*>(arguments->out[0]) + bytes;
    rows.out_pitches[1] = 2 * length;
  }
}

}  // namespace tfcustomact::python
