#include "csrc/python/checks.h"

#include <cmath>
#include <cstdint>

namespace tfcustomact::python {

namespace py = pybind11;

std::string TypeName(const py::object& object) { return py::str(py::type::of(object).attr("__name__")); }
std::string Text(const py::handle& object) { return py::str(object); }

double CheckedParameter(const char* name, const py::object& parameter, DType dtype) {
  double value;
  if (PyFloat_Check(parameter.ptr())) {
    value = PyFloat_AS_DOUBLE(parameter.ptr());
  } else {
    const bool is_real = py::isinstance(parameter, py::module_::import("numbers").attr("Real"));
    if (!is_real || PyBool_Check(parameter.ptr())) {
      throw py::type_error(std::string(name) + " is " + Text(py::repr(parameter)) + ", of type " + TypeName(parameter) +
                           ": a finite real number is accepted");
    }
    value = parameter.cast<double>();
  }
  const bool fits = dtype == DType::kFloat64 || std::isfinite(static_cast<float>(value));
  if (!std::isfinite(value) || !fits) {
    throw py::value_error(std::string(name) + " is " + Text(parameter) + ": a number that is finite in " +
                          (dtype == DType::kFloat64 ? "float64" : "float32") + " is accepted");
  }
  return value;
}

void CheckOverlap(const void* in, const void* out, std::size_t bytes) {
  const auto in_begin = reinterpret_cast<std::uintptr_t>(in);
  const auto out_begin = reinterpret_cast<std::uintptr_t>(out);
  if (in_begin != out_begin && in_begin < out_begin + bytes && out_begin < in_begin + bytes) {
    throw py::value_error("out overlaps an input in part: the input itself, or memory apart from it, is accepted");
  }
}

}  // namespace tfcustomact::python
