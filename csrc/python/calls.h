// The positional arguments of a function of the module: the arrays that the pass asks for, the activation's parameter
// if it has one, and as many others as the function has.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>
#include <string>
#include <vector>

#include "csrc/passes/passes.h"
#include "csrc/python/checks.h"

namespace tfcustomact::python {

class PassCall {
 public:
  PassCall(Pass pass, const char* parameter_name, const pybind11::args& given, std::size_t other_count) {
    const std::size_t arrays = FactsOf(pass).inputs, parameters = parameter_name == nullptr ? 0 : 1;
    const std::size_t expected = arrays + parameters + other_count;
    if (given.size() != expected) {
      throw pybind11::type_error(std::to_string(given.size()) + " arguments are given: " + std::to_string(expected) +
                                 " are accepted");
    }
    std::size_t next = 0;
    while (inputs.size() < arrays) inputs.push_back(given[next++]);
    if (parameters != 0) parameter_ = Argument{parameter_name, given[next++]};
    while (others.size() < other_count) others.push_back(given[next++]);
  }

  // Null for an activation without one.
  const Argument* parameter() const { return parameter_ ? &*parameter_ : nullptr; }

  std::vector<pybind11::object> inputs, others;

 private:
  std::optional<Argument> parameter_;
};

}  // namespace tfcustomact::python
