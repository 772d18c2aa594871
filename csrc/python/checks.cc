#include "csrc/python/checks.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tfcustomact::python {

namespace py = pybind11;

namespace {

const char* Name(DType dtype) {
  switch (dtype) {
    case DType::kFloat16:
      return "float16";
    case DType::kBFloat16:
      return "bfloat16";
    case DType::kFloat32:
      return "float32";
    default:
      return "float64";
  }
}

}  // namespace

std::string TypeName(const py::object& object) { return py::str(py::type::of(object).attr("__name__")); }
std::string Text(const py::handle& object) { return py::str(object); }

std::string TupleText(const std::int64_t* numbers, std::size_t count) {
  py::tuple tuple(count);
  for (std::size_t i = 0; i < count; ++i) tuple[i] = numbers[i];
  return Text(tuple);
}

double RealNumber(const Argument& number) {
  const py::object& given = number.value;
  // ml_dtypes does not register its numbers as real numbers.
  const bool is_real = PyFloat_Check(given.ptr()) ||
                       py::isinstance(given, py::module_::import("numbers").attr("Real")) ||
                       py::object(py::type::of(given).attr("__module__")).equal(py::str("ml_dtypes"));
  if (!is_real || PyBool_Check(given.ptr())) {
    throw py::type_error(std::string(number.name) + " is " + Text(py::repr(given)) + ", of type " + TypeName(given) +
                         ": a finite real number is accepted");
  }
  const double value = PyFloat_AsDouble(given.ptr());
  if (PyErr_Occurred() != nullptr) {
    if (PyErr_ExceptionMatches(PyExc_OverflowError) == 0) throw py::error_already_set();
    PyErr_Clear();
    throw py::value_error(std::string(number.name) +
                          " is beyond the range of float64: a number that is finite in float64 is accepted");
  }
  return value;
}

void CheckFits(const Argument& argument, double value, DType dtype) {
  const DType computed = dtype == DType::kFloat64 ? DType::kFloat64 : DType::kFloat32;
  const double rounded = computed == DType::kFloat64 ? value : static_cast<float>(value);
  const bool is_divisor = argument.kind == Parameter::kDivisorOfX;
  if (std::isfinite(rounded) && (!is_divisor || rounded > 0)) return;
  throw py::value_error(std::string(argument.name) + " is " + Text(py::float_(value)) + ": a number that is " +
                        (is_divisor ? "positive and " : "") + "finite in " + Name(computed) + " is accepted");
}

void RefuseDType(const char* name, const std::string& dtype) {
  throw py::type_error(std::string(name) + " has dtype " + dtype +
                       ": float16, bfloat16, float32 and float64 are accepted, in native byte order");
}

void CheckLike(const char* name, const DTypeAndShape& given, const DTypeAndShape& expected, const std::string& whose) {
  if (given.dtype != expected.dtype) {
    throw py::type_error(std::string(name) + " has dtype " + Name(given.dtype) + ": " + Name(expected.dtype) + ", " +
                         whose + ", is accepted");
  }
  if (!std::equal(given.shape, given.shape + given.dimensions, expected.shape, expected.shape + expected.dimensions)) {
    throw py::value_error(std::string(name) + " has shape " + TupleText(given.shape, given.dimensions) + ": " +
                          TupleText(expected.shape, expected.dimensions) + ", " + whose + ", is accepted");
  }
}

void CheckWriteable(const char* name, bool is_writeable) {
  if (!is_writeable) throw py::value_error(std::string(name) + " is read-only: a writeable array is accepted");
}

namespace {

bool Overlap(const Memory& a, const Memory& b) {
  const auto a_begin = reinterpret_cast<std::uintptr_t>(a.data), b_begin = reinterpret_cast<std::uintptr_t>(b.data);
  return a.bytes != 0 && b.bytes != 0 && a_begin < b_begin + b.bytes && b_begin < a_begin + a.bytes;
}

}  // namespace

void CheckOverlap(const Memory& in, const Memory& out) {
  const bool is_same = in.data == out.data && in.bytes == out.bytes;
  if (!is_same && Overlap(in, out)) {
    throw py::value_error(std::string(out.name) +
                          " overlaps an input in part: the input itself, or memory apart from it, is accepted");
  }
}

void CheckApart(const Memory& other, const Memory& out) {
  if (Overlap(other, out)) {
    throw py::value_error(std::string(out.name) + " overlaps " + other.name + ": memory apart from it is accepted");
  }
}

std::vector<AxisRun> CheckedAxisRuns(const char* name, const DTypeAndShape& given, const DTypeAndShape& x,
                                     const std::string& whose) {
  const bool may_be_float32 = SizeOf(x.dtype) < SizeOf(DType::kFloat32);
  const bool is_accepted = given.dtype == x.dtype || (may_be_float32 && given.dtype == DType::kFloat32);
  if (!is_accepted) {
    throw py::type_error(std::string(name) + " has dtype " + Name(given.dtype) + ": " + Name(x.dtype) + ", " + whose +
                         ", " + (may_be_float32 ? "and float32 are accepted" : "is accepted"));
  }
  auto runs = AxisRuns(x.shape, x.dimensions, given.shape, given.dimensions);
  if (!runs) {
    throw py::value_error(std::string(name) + " has shape " + TupleText(given.shape, given.dimensions) +
                          ": one that broadcasts to " + TupleText(x.shape, x.dimensions) + ", " + whose +
                          ", is accepted");
  }
  return *std::move(runs);
}

}  // namespace tfcustomact::python
