#include "csrc/python/operands.h"

#include <string>

namespace tfcustomact::python {

namespace py = pybind11;

namespace {

// The pass that does the same with a parameter for each channel.
Pass WithTensor(Pass pass) {
  switch (pass) {
    case Pass::kValue:
      return Pass::kTensorValue;
    case Pass::kGradient:
      return Pass::kTensorGradient;
    case Pass::kGatedValue:
      return Pass::kGatedTensorValue;
    default:
      return Pass::kGatedTensorGradient;
  }
}

}  // namespace

std::optional<RowOperand> RowOf(Pass pass, const std::optional<Argument>& parameter, bool parameter_is_array,
                                const py::object& bias, const char* x) {
  if (bias.is_none()) {
    if (!parameter_is_array) return std::nullopt;
    return RowOperand{parameter->name, &parameter->value, WithTensor(pass)};
  }
  if (parameter_is_array) {
    throw py::type_error(std::string(parameter->name) + " is an array, and there is a bias: a finite real number is " +
                         "accepted beside a bias, or an array beside an " + x + " that contains it");
  }
  return RowOperand{"bias", &bias, pass == Pass::kValue ? Pass::kBiasedValue : Pass::kBiasedGradient};
}

ArraysOfCall::ArraysOfCall(Pass pass, const py::object* const* given) {
  const PassFacts facts = FactsOf(pass);
  const int up = facts.x + 1;
  is_packed = up < facts.inputs && given[up]->is_none();
  gives_packed = is_packed && facts.outputs == 2;
  inputs = is_packed ? up : facts.inputs;
  outputs = gives_packed ? 1 : facts.outputs;
}

std::vector<std::int64_t> ShapeOfValue(std::vector<std::int64_t> x, bool is_packed) {
  if (!is_packed) return x;
  if (x.empty() || x.back() % 2 != 0) {
    throw py::value_error("gate has shape " + TupleText(x.data(), x.size()) +
                          ", and there is no up: a packed array is accepted then, whose last axis has two halves");
  }
  x.back() /= 2;
  return x;
}

}  // namespace tfcustomact::python
