#include "csrc/python/arrays.h"

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include "csrc/cpu/allowed_processors.h"
#include "csrc/cpu/parallel.h"
#include "csrc/memory/kept_memory.h"
#include "csrc/python/checks.h"

namespace tfcustomact::python {
namespace {

namespace py = pybind11;

std::optional<DType> DTypeOf(const py::array& array) {
  const py::dtype dtype = array.dtype();
  if (dtype.byteorder() == '>' || dtype.byteorder() == '<') return std::nullopt;  // native order is '='
  switch (dtype.num()) {
    case py::detail::npy_api::NPY_FLOAT_:
      return DType::kFloat32;
    case py::detail::npy_api::NPY_DOUBLE_:
      return DType::kFloat64;
    case 23:  // NPY_HALF, for which pybind11 has no name
      return DType::kFloat16;
    default:
      // bfloat16 is a type that ml_dtypes adds to NumPy, under a number of the process's own.
      if (Text(dtype.attr("name")) == "bfloat16") return DType::kBFloat16;
      return std::nullopt;
  }
}

py::array CheckedArray(const char* name, const py::object& object) {
  if (!py::isinstance<py::array>(object)) {
    throw py::type_error(std::string(name) + " is of type " + TypeName(object) + ": a NumPy array is accepted");
  }
  return py::reinterpret_borrow<py::array>(object);
}

DType CheckedDType(const char* name, const py::array& array) {
  const std::optional<DType> dtype = DTypeOf(array);
  if (!dtype) {
    throw py::type_error(std::string(name) + " has dtype " + Text(array.dtype()) +
                         ": float16, bfloat16, float32 and float64 are accepted, in native byte order");
  }
  return *dtype;
}

bool IsContiguous(const py::array& array) { return (array.flags() & py::array::c_style) != 0; }

// The array itself, or a contiguous copy.
py::array Contiguous(const py::array& array) {
  return IsContiguous(array) ? array : py::array::ensure(array, py::array::c_style);
}

bool SameShape(const py::array& a, const py::array& b) {
  return a.ndim() == b.ndim() && std::equal(a.shape(), a.shape() + a.ndim(), b.shape());
}

std::string ShapeText(const py::array& array) { return Text(array.attr("shape")); }

// A new array of x's dtype and shape; a long one in kept memory.
py::array FreshResult(const py::array& x) {
  const std::vector<py::ssize_t> shape(x.shape(), x.shape() + x.ndim());
  KeptMemory& kept = KeptMemory::Get();
  if (!kept.Serves(x.nbytes())) return py::array(x.dtype(), shape);
  const auto free = [](void* memory) { KeptMemory::Get().Free(memory); };
  std::unique_ptr<void, void (*)(void*)> memory(kept.Allocate(x.nbytes()), free);
  if (memory == nullptr) throw std::bad_alloc();
  const py::capsule owner(memory.get(), free);
  return py::array(x.dtype(), shape, memory.release(), owner);
}

py::array CheckedOut(const py::object& object, const py::array& a, DType dtype) {
  const py::array out = CheckedArray("out", object);
  if (CheckedDType("out", out) != dtype) {
    throw py::type_error("out has dtype " + Text(out.dtype()) + ": " + Text(a.dtype()) + ", the input's, is accepted");
  }
  if (!SameShape(out, a)) {
    throw py::value_error("out has shape " + ShapeText(out) + ": " + ShapeText(a) + ", the input's, is accepted");
  }
  if (!out.writeable()) throw py::value_error("out is read-only: a writeable array is accepted");
  if (!IsContiguous(out)) {
    throw py::value_error("out has strides " + Text(out.attr("strides")) + ": a C-contiguous array is accepted");
  }
  return out;
}

}  // namespace

py::object Apply(Activation activation, Order order, const py::object& dy, const py::object& a,
                 const char* parameter_name, const py::object& parameter, const py::object& out) {
  const py::array given = CheckedArray("a", a);
  const DType dtype = CheckedDType("a", given);
  const py::array x = Contiguous(given);
  py::array upstream;
  if (order != Order::kValue) {
    const py::array given_dy = CheckedArray("dy", dy);
    if (CheckedDType("dy", given_dy) != dtype) {
      throw py::type_error("dy has dtype " + Text(given_dy.dtype()) + ": " + Text(x.dtype()) + ", a's, is accepted");
    }
    if (!SameShape(given_dy, x)) {
      throw py::value_error("dy has shape " + ShapeText(given_dy) + ": " + ShapeText(x) + ", a's, is accepted");
    }
    upstream = Contiguous(given_dy);
  }
  const double value = CheckedParameter(parameter_name, parameter, dtype);
  py::array result;
  if (out.is_none()) {
    result = FreshResult(x);
  } else {
    result = CheckedOut(out, x, dtype);
    CheckOverlap(x.data(), result.data(), x.nbytes());
    if (order != Order::kValue) CheckOverlap(upstream.data(), result.data(), x.nbytes());
  }
  const void* dy_data = order == Order::kValue ? nullptr : upstream.data();
  const void* x_data = x.data();
  void* out_data = result.mutable_data();
  const std::size_t size = x.size();
  static const std::size_t threads = cpu::AllowedThreads().number;
  {
    py::gil_scoped_release release;
    cpu::RunParallel(cpu::FindKernel(activation, order, dtype), SizeOf(dtype), dy_data, x_data, out_data, size, value,
                     threads);
  }
  return std::move(result);
}

}  // namespace tfcustomact::python
