#include "csrc/python/arrays.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "csrc/cpu/access.h"
#include "csrc/cpu/allowed_processors.h"
#include "csrc/cpu/parallel.h"
#include "csrc/memory/kept_memory.h"
#include "csrc/python/checks.h"
#include "csrc/python/global_lock.h"

namespace tfcustomact::python {
namespace {

namespace py = pybind11;

// The first number of those types that other libraries register with NumPy; structured types have a smaller one.
constexpr int kFirstRegistered = 256;  // NPY_USERDEF

// The number under which ml_dtypes registered its bfloat16, or 0 as long as that has not been imported.
int BFloat16Number() {
  static int number = 0;
  if (number == 0) {
    const auto module = py::reinterpret_steal<py::object>(PyImport_GetModule(py::str("ml_dtypes").ptr()));
    if (module) number = py::dtype::from_args(module.attr("bfloat16")).num();
    if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  }
  return number;
}

std::optional<DType> DTypeOf(const py::array& array) {
  const py::dtype dtype = array.dtype();
  // Native order is '=', or after dtype.newbyteorder() the letter of that order.
  constexpr char kForeignOrder = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '>' : '<';
  if (dtype.byteorder() == kForeignOrder) return std::nullopt;
  switch (dtype.num()) {
    case py::detail::npy_api::NPY_FLOAT_:
      return DType::kFloat32;
    case py::detail::npy_api::NPY_DOUBLE_:
      return DType::kFloat64;
    case 23:  // NPY_HALF, for which pybind11 has no name
      return DType::kFloat16;
    default:
      if (dtype.num() >= kFirstRegistered && dtype.num() == BFloat16Number()) return DType::kBFloat16;
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
  if (!dtype) RefuseDType(name, Text(array.dtype()));
  return *dtype;
}

DTypeAndShape Described(const char* name, const py::array& array) {
  return {CheckedDType(name, array), array.shape(), static_cast<std::size_t>(array.ndim())};
}

bool IsContiguous(const py::array& array) { return (array.flags() & py::array::c_style) != 0; }

// An input: the array itself, or a contiguous copy. Errors of NumPy's in making the copy are raised as they are.
py::array Input(const char* name, const py::object& object) {
  py::array given = CheckedArray(name, object);
  CheckedDType(name, given);
  if (IsContiguous(given)) return given;
  using Numpy = py::detail::npy_api;
  PyObject* const copy = Numpy::get().PyArray_FromAny_(given.ptr(), nullptr, 0, 0,
                                                       Numpy::NPY_ARRAY_ENSUREARRAY_ | py::array::c_style, nullptr);
  if (copy == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::array>(copy);
}

// A new array of x's dtype and shape; a long one in kept memory.
py::array FreshResult(const py::array& x) {
  const std::vector<py::ssize_t> shape(x.shape(), x.shape() + x.ndim());
  KeptMemory& kept = KeptMemory::Get();
  const auto free = [](void* memory) { KeptMemory::Get().Free(memory); };
  std::unique_ptr<void, void (*)(void*)> memory(kept.Serves(x.nbytes()) ? kept.Allocate(x.nbytes()) : nullptr, free);
  // If NumPy has no memory either, its own error says so.
  if (memory == nullptr) return py::array(x.dtype(), shape);
  const py::capsule owner(memory.get(), free);
  void* const data = memory.release();
  return py::array(x.dtype(), shape, data, owner);
}

void CheckContiguous(const char* name, const py::array& array) {
  if (!IsContiguous(array)) {
    throw py::value_error(std::string(name) + " has strides " + Text(array.attr("strides")) +
                          ": a C-contiguous array is accepted");
  }
}

}  // namespace

py::object Apply(Activation activation, Pass pass, const py::object* const* inputs,
                 const std::optional<Argument>& parameter, const py::object& out) {
  static const std::size_t threads = cpu::AllowedThreads().number;
  const PassFacts facts = FactsOf(pass);
  const auto name = [&](int i) { return i == facts.x ? "a" : facts.input_names[i]; };
  // What may run Python code or let other threads run comes first: that may change the arrays, their shapes and dtypes.
  Arguments arguments = {{}, {}, parameter ? RealNumber(*parameter) : 1};
  std::optional<py::array> arrays[kMaxInputs];
  for (int i = 0; i < facts.inputs; ++i) arrays[i] = Input(name(i), *inputs[i]);
  const py::array& x = *arrays[facts.x];
  py::array result = out.is_none() ? FreshResult(x) : CheckedArray("out", out);

  // From here to the kernel nothing of that kind runs, so that the kernel gets what was checked. While it runs, NumPy
  // refuses to resize the arrays, since there are references to them here.
  const DTypeAndShape expected = Described("a", x);
  const DType dtype = expected.dtype;
  if (parameter) CheckFits(parameter->name, arguments.parameter, dtype);
  CheckLike("out", Described("out", result), expected, "the input's");
  CheckWriteable(result.writeable());
  CheckContiguous("out", result);
  for (int i = 0; i < facts.inputs; ++i) {
    CheckLike(name(i), Described(name(i), *arrays[i]), expected, "a's");
    CheckContiguous(name(i), *arrays[i]);
    CheckOverlap(arrays[i]->data(), result.data(), x.nbytes());
    arguments.in[i] = arrays[i]->data();
  }
  arguments.out[0] = result.mutable_data();
  const std::size_t size = x.size();
  const cpu::Kernel kernel = cpu::FindKernel(activation, pass, dtype);
  const cpu::Access access = cpu::AccessFor(arguments, facts, size * SizeOf(dtype));
  WithoutGlobalLock([&]() noexcept { cpu::RunParallel(kernel, arguments, size, access, threads); });
  return std::move(result);
}

}  // namespace tfcustomact::python
