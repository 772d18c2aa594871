// The positional arguments of a function of the module: the arrays that the pass asks for, the activation's parameter
// if it has one, and as many others as the function has.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>
#include <string>
#include <utility>

#include "csrc/passes/passes.h"
#include "csrc/python/checks.h"

namespace tfcustomact::python {

// What a function of the module was called with.
struct PassCall {
  const pybind11::object* const* inputs;
  std::optional<Argument> parameter;
  const pybind11::object* const* others;
};

template <std::size_t>
using Object = pybind11::object;

// Defines module.name(*arguments), with as many arguments as there are kIndices, which calls function(const PassCall&).
// pybind11 takes their number from the function's type: one of pybind11::args would take a tenth of a microsecond more.
template <class Function, std::size_t... kIndices>
void DefinePassOf(pybind11::module_& module, const std::string& name, int inputs, const ParameterFacts& parameter,
                  const Function& function, std::index_sequence<kIndices...>) {
  module.def(name.c_str(), [=](const Object<kIndices>&... given) {
    const pybind11::object* const all[] = {&given...};
    PassCall call = {all, std::nullopt, all + inputs};
    if (parameter.name != nullptr) call.parameter = Argument{parameter.name, parameter.kind, **call.others++};
    return function(call);
  });
}

// Defines the function of a pass, with this number of other arguments than arrays and the parameter.
template <int kOthers, class Function>
void DefinePass(pybind11::module_& module, const std::string& activation, Pass pass, const ParameterFacts& parameter,
                const Function& function) {
  const PassFacts facts = FactsOf(pass);
  const std::string name = activation + facts.function;
  const auto define = [&](auto indices) {
    if (indices.size() != facts.inputs + (parameter.name == nullptr ? 0u : 1u) + kOthers) return;
    DefinePassOf(module, name, facts.inputs, parameter, function, indices);
  };
  static_assert(kMaxInputs == 3, "as many more as there are more arrays");
  define(std::make_index_sequence<1 + kOthers>());
  define(std::make_index_sequence<2 + kOthers>());
  define(std::make_index_sequence<3 + kOthers>());
  define(std::make_index_sequence<4 + kOthers>());
}

}  // namespace tfcustomact::python
