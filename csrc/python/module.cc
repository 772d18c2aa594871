// The Python module tfcustomact._kernels: the CPU kernels on NumPy arrays, the CUDA kernels on device arrays, and facts
// about the build. It knows no TensorFlow. tfcustomact/numpy.py and tfcustomact/cuda.py document the functions.
#include <pybind11/pybind11.h>

#include <string>

#include "activations.h"
#include "csrc/cpu/allowed_processors.h"
#include "csrc/cpu/kernels.h"
#include "csrc/cuda/kernels.h"
#include "csrc/memory/bound.h"
#include "csrc/memory/kept_memory.h"
#include "csrc/passes/passes.h"
#include "csrc/python/arrays.h"
#include "csrc/python/calls.h"
#include "csrc/python/cuda_module.h"

namespace py = pybind11;
namespace cpu = tfcustomact::cpu;
using tfcustomact::Activation;
using tfcustomact::Pass;
using tfcustomact::python::ParameterFacts;
using tfcustomact::python::ParameterOf;

namespace {

std::string CudaInfo() {
  std::string architectures;
  for (const int architecture : tfcustomact::cuda::CompiledArchitectures()) {
    architectures += (architectures.empty() ? "" : ", ") + std::to_string(architecture / 10) + "." +
                     std::to_string(architecture % 10);
  }
  if (architectures.empty()) return "not built: " TFCUSTOMACT_CUDA_FACTS;
  return "compute capability " + architectures + "; " TFCUSTOMACT_CUDA_FACTS;
}

py::dict BuildInfo() {
  std::string compiled;
  for (const cpu::InstructionSet& set : cpu::InstructionSets()) {
    compiled += (compiled.empty() ? "" : ", ") + set.name + (set.runs_here ? "" : " (not on this machine)");
  }
  py::dict info;
  info["version"] = TFCUSTOMACT_VERSION;
  info["built for TensorFlow"] = TFCUSTOMACT_TENSORFLOW_VERSION;
  info["compiler"] = TFCUSTOMACT_COMPILER;
  info["instruction sets"] = compiled;
  info["instruction set in use"] = cpu::SelectedInstructionSet();
  info["CUDA"] = CudaInfo();
  return info;
}

py::tuple Named(const cpu::Allowed& allowed) { return py::make_tuple(allowed.number, allowed.set_by); }

void DefineActivation(py::module_& module, const char* name, const ParameterFacts& parameter, Activation activation) {
  using tfcustomact::python::DefinePass;
  using tfcustomact::python::PassCall;
  for (const Pass pass : {Pass::kValue, Pass::kGradient}) {
    DefinePass<2>(module, name, pass, parameter, [=](const PassCall& call) {
      return tfcustomact::python::Apply(activation, pass, call.inputs, call.parameter, *call.others[0],
                                        *call.others[1]);
    });
  }
  for (const Pass pass : {Pass::kGatedValue, Pass::kGatedGradient}) {
    DefinePass<1>(module, name, pass, parameter, [=](const PassCall& call) {
      return tfcustomact::python::Apply(activation, pass, call.inputs, call.parameter, py::none(), *call.others[0]);
    });
  }
}

py::dict KeptMemoryFacts() {
  const tfcustomact::KeptMemory::Facts facts = tfcustomact::KeptMemory::Get().Now();
  py::dict named;
  named["bound"] = facts.bound;
  named["in use"] = facts.in_use;
  named["idle"] = facts.idle;
  return named;
}

}  // namespace

PYBIND11_MODULE(_kernels, module) {
#define TFCUSTOMACT_DEFINE(Name, name) \
  DefineActivation(module, #name, ParameterOf<tfcustomact::Name>(), Activation::k##Name);
  TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_DEFINE)
#undef TFCUSTOMACT_DEFINE
  module.def("build_info", &BuildInfo);
  // Each returns a number, and the name of what sets it.
  module.def("allowed_processors", [] { return Named(cpu::AllowedProcessors()); });
  module.def("allowed_threads", [] { return Named(cpu::AllowedThreads()); });
  // In bytes.
  module.def("kept_memory", &KeptMemoryFacts);
  module.def("is_kept_memory_given", [] { return tfcustomact::KeptMemoryFromEnvironment().has_value(); });
  tfcustomact::python::DefineCuda(module);
}
