// The Python module tfcustomact._kernels: the CPU kernels on NumPy arrays, the CUDA kernels on device arrays, and facts
// about the build. It knows no TensorFlow. tfcustomact/numpy.py and tfcustomact/cuda.py document the functions.
#include <pybind11/pybind11.h>

#include <string>

#include "csrc/cpu/kernels.h"
#include "csrc/formulas/list.h"
#include "csrc/python/arrays.h"
#if TFCUSTOMACT_CUDA
#include "csrc/cuda/kernels.h"
#include "csrc/python/cuda_module.h"
#endif

namespace py = pybind11;
namespace cpu = tfcustomact::cpu;
using tfcustomact::Activation;
using tfcustomact::Order;

namespace {

std::string CudaInfo() {
#if TFCUSTOMACT_CUDA
  std::string architectures;
  for (const int architecture : tfcustomact::cuda::CompiledArchitectures()) {
    architectures += (architectures.empty() ? "" : ", ") + std::to_string(architecture / 10) + "." +
                     std::to_string(architecture % 10);
  }
  return "compute capability " + architectures + ", nvcc " TFCUSTOMACT_NVCC;
#else
  return "not built: " TFCUSTOMACT_NO_CUDA;
#endif
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

void DefineActivation(py::module_& module, const std::string& name, const char* parameter, Activation activation) {
  module.def(name.c_str(), [=](const py::object& a, const py::object& value, const py::object& out) {
    return tfcustomact::python::Apply(activation, Order::kValue, py::none(), a, parameter, value, out);
  });
  const auto define_derivative = [&](const char* suffix, Order order) {
    module.def((name + suffix).c_str(),
               [=](const py::object& dy, const py::object& a, const py::object& value, const py::object& out) {
                 return tfcustomact::python::Apply(activation, order, dy, a, parameter, value, out);
               });
  };
  define_derivative("_grad", Order::kSlope);
  define_derivative("_grad_grad", Order::kCurvature);
}

}  // namespace

PYBIND11_MODULE(_kernels, module) {
#define TFCUSTOMACT_DEFINE(Formula, name, parameter) \
  DefineActivation(module, #name, #parameter, Activation::k##Formula);
  TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_DEFINE)
#undef TFCUSTOMACT_DEFINE
  module.def("build_info", &BuildInfo);
#if TFCUSTOMACT_CUDA
  tfcustomact::python::DefineCuda(module);
#endif
}
