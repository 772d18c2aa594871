// The Python module tfcustomact._kernels: the CPU kernels over addresses and sizes, and facts about the build.
// tfcustomact/numpy.py checks the arrays; nothing here looks at them.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <string>

#include "csrc/cpu/kernels.h"
#include "csrc/cpu/parallel.h"

namespace py = pybind11;

namespace {

namespace cpu = tfcustomact::cpu;

void RunKernel(cpu::Activation activation, cpu::Order order, cpu::DType dtype, std::uintptr_t dy, std::uintptr_t x,
               std::uintptr_t out, std::size_t size, double parameter) {
  const cpu::Kernel kernel = cpu::FindKernel(activation, order, dtype);
  py::gil_scoped_release release;
  cpu::RunParallel(kernel, cpu::SizeOf(dtype), reinterpret_cast<const void*>(dy), reinterpret_cast<const void*>(x),
                   reinterpret_cast<void*>(out), size, parameter);
}

py::dict BuildInfo() {
  py::dict info;
  info["version"] = TFCUSTOMACT_VERSION;
  info["built for TensorFlow"] = TFCUSTOMACT_TENSORFLOW_VERSION;
  info["compiler"] = __VERSION__;
  std::string compiled;
  for (const cpu::InstructionSet& set : cpu::InstructionSets()) {
    compiled += (compiled.empty() ? "" : ", ") + set.name + (set.runs_here ? "" : " (not on this machine)");
  }
  info["instruction sets"] = compiled;
  info["instruction set in use"] = cpu::SelectedInstructionSet();
  return info;
}

}  // namespace

PYBIND11_MODULE(_kernels, module) {
  py::enum_<cpu::Activation> activation(module, "Activation");
#define TFCUSTOMACT_VALUE(Formula, name, parameter) activation.value(#name, cpu::Activation::k##Formula);
  TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_VALUE)
#undef TFCUSTOMACT_VALUE
  py::enum_<cpu::Order>(module, "Order")
      .value("value", cpu::Order::kValue)
      .value("slope", cpu::Order::kSlope)
      .value("curvature", cpu::Order::kCurvature);
  py::enum_<cpu::DType>(module, "DType")
      .value("float16", cpu::DType::kFloat16)
      .value("bfloat16", cpu::DType::kBFloat16)
      .value("float32", cpu::DType::kFloat32)
      .value("float64", cpu::DType::kFloat64);
  module.def("run", &RunKernel);
  module.def("build_info", &BuildInfo);
  module.def("instruction_sets", [] {
    std::vector<std::string> names;
    for (const cpu::InstructionSet& set : cpu::InstructionSets()) {
      if (set.runs_here) names.push_back(set.name);
    }
    return names;
  });
  module.def("select_instruction_set", &cpu::SelectInstructionSet);
}
