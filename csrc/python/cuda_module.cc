#include "csrc/python/cuda_module.h"

#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "activations.h"
#include "csrc/cuda/kernels.h"
#include "csrc/python/calls.h"
#include "csrc/python/device_arrays.h"

namespace tfcustomact::python {
namespace {

namespace py = pybind11;

std::optional<std::uintptr_t> Stream(const py::object& handle) { return handle.cast<std::optional<std::uintptr_t>>(); }

std::vector<py::object> Results(const py::object& tuple) { return tuple.cast<std::vector<py::object>>(); }

void DefineActivation(py::module_& module, const char* name, const ParameterFacts& parameter, Activation activation) {
  for (const Pass pass : {Pass::kValue, Pass::kGradient}) {
    DefinePass<3>(module, name, pass, parameter, [=](const PassCall& call) {
      ApplyOnDevice(activation, pass, call.inputs, call.parameter, *call.others[0], Results(*call.others[1]),
                    Stream(*call.others[2]));
    });
  }
  for (const Pass pass : {Pass::kGatedValue, Pass::kGatedGradient}) {
    DefinePass<2>(module, name, pass, parameter, [=](const PassCall& call) {
      ApplyOnDevice(activation, pass, call.inputs, call.parameter, py::none(), Results(*call.others[0]),
                    Stream(*call.others[1]));
    });
  }
}

py::tuple DeviceCount() {
  std::string why;
  const int count = cuda::DeviceCount(&why);
  return py::make_tuple(count, why);
}

py::dict DeviceFacts(int device) {
  cuda::DeviceFacts facts;
  if (const int error = cuda::Facts(device, &facts)) throw std::runtime_error(cuda::ErrorText(error));
  py::dict named;
  named["name"] = facts.name;
  named["compute capability"] = py::make_tuple(facts.major, facts.minor);
  named["multiprocessors"] = facts.multiprocessors;
  named["memory"] = facts.memory;
  named["driver"] = facts.driver;
  named["runtime"] = facts.runtime;
  return named;
}

}  // namespace

void DefineCuda(py::module_& module) {
  py::module_ cuda_module = module.def_submodule("cuda");
#define TFCUSTOMACT_DEFINE(Name, name) DefineActivation(cuda_module, #name, ParameterOf<Name>(), Activation::k##Name);
  TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_DEFINE)
#undef TFCUSTOMACT_DEFINE
  cuda_module.def("declared_device",
                  [](const std::string& name, const py::object& array) { return DeclaredDevice(name.c_str(), array); });
  cuda_module.def("is_array", &IsArray);
  cuda_module.def("architectures", &cuda::CompiledArchitectures);
  cuda_module.def("device_count", &DeviceCount);
  cuda_module.def("device_facts", &DeviceFacts);
}

}  // namespace tfcustomact::python
