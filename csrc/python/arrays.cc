#include "csrc/python/arrays.h"

#include <functional>
#include <initializer_list>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "csrc/cpu/access.h"
#include "csrc/cpu/allowed_processors.h"
#include "csrc/cpu/channels.h"
#include "csrc/cpu/parallel.h"
#include "csrc/memory/kept_memory.h"
#include "csrc/passes/halves.h"
#include "csrc/python/checks.h"
#include "csrc/python/global_lock.h"
#include "csrc/python/operands.h"

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

using Shape = std::vector<py::ssize_t>;

Shape ShapeOf(const py::array& array) { return Shape(array.shape(), array.shape() + array.ndim()); }

// A new array; a long one in kept memory.
py::array FreshArray(const py::dtype& dtype, const Shape& shape) {
  std::size_t bytes = dtype.itemsize();
  for (const py::ssize_t length : shape) bytes *= length;
  KeptMemory& kept = KeptMemory::Get();
  const auto free = [](void* memory) { KeptMemory::Get().Free(memory); };
  std::unique_ptr<void, void (*)(void*)> memory(kept.Serves(bytes) ? kept.Allocate(bytes) : nullptr, free);
  // If NumPy has no memory either, its own error says so.
  if (memory == nullptr) return py::array(dtype, shape);
  const py::capsule owner(memory.get(), free);
  void* const data = memory.release();
  return py::array(dtype, shape, data, owner);
}

py::array FreshLike(const py::array& array) { return FreshArray(array.dtype(), ShapeOf(array)); }

Memory MemoryOf(const char* name, const py::array& array) {
  return {name, array.data(), static_cast<std::size_t>(array.nbytes())};
}

void CheckContiguous(const char* name, const py::array& array) {
  if (!IsContiguous(array)) {
    throw py::value_error(std::string(name) + " has strides " + Text(array.attr("strides")) +
                          ": a C-contiguous array is accepted");
  }
}

std::size_t Threads() {
  static const std::size_t threads = cpu::AllowedThreads().number;
  return threads;
}

bool IsArray(const std::optional<Argument>& argument) {
  return argument && !PyFloat_Check(argument->value.ptr()) && py::isinstance<py::array>(argument->value);
}

// The array alone if there is no other, else a tuple.
py::object Returned(py::array result, std::initializer_list<std::optional<py::array>> others) {
  py::list all;
  all.append(result);
  for (const std::optional<py::array>& other : others) {
    if (other) all.append(*other);
  }
  return all.size() == 1 ? py::object(std::move(result)) : py::tuple(all);
}

// Runs the pass without the global lock. Raises MemoryError.
void RunByChannels(const ChannelCall& call, const std::vector<AxisRun>& runs, std::size_t size) {
  const cpu::Access access = cpu::AccessFor(call.arguments, FactsOf(call.pass), size * SizeOf(call.dtype));
  const std::size_t threads = Threads();
  bool has_memory = true;
  WithoutGlobalLock([&]() noexcept {
    try {
      cpu::RunByChannels(call, access, runs, [=](std::size_t units, const std::function<void(std::size_t)>& work) {
        cpu::RunUnitsParallel(units, work, size, threads);
      });
    } catch (const std::bad_alloc&) {
      has_memory = false;
    }
  });
  if (!has_memory) throw std::bad_alloc();
}

void RunElements(Activation activation, Pass pass, DType dtype, const Arguments& arguments, std::size_t size) {
  const cpu::Kernel kernel = cpu::FindKernel(activation, pass, dtype);
  const cpu::Access access = cpu::AccessFor(arguments, FactsOf(pass), size * SizeOf(dtype));
  const std::size_t threads = Threads();
  WithoutGlobalLock([&]() noexcept { cpu::RunParallel(kernel, arguments, size, access, threads); });
}

}  // namespace

py::object Apply(Activation activation, Pass pass, const py::object* const* inputs,
                 const std::optional<Argument>& parameter, const py::object& bias, const py::object& out) {
  const ArraysOfCall given(pass, inputs);
  const char* const x_name = pass == Pass::kValue || pass == Pass::kGradient ? "a" : "gate";
  const std::optional<RowOperand> operand = RowOf(pass, parameter, IsArray(parameter), bias, x_name);
  if (operand) pass = operand->pass;
  const PassFacts facts = FactsOf(pass);
  if (given.outputs == 2 && !out.is_none()) {
    throw py::type_error("out is given beside up: None is accepted then, since there are several arrays out");
  }
  const auto name = [&](int i) { return i == facts.x ? x_name : facts.input_names[i]; };
  const bool has_number = parameter && facts.row != Row::kParameter;
  // What may run Python code or let other threads run comes first: that may change the arrays, their shapes and dtypes.
  Arguments arguments = {{}, {}, has_number ? RealNumber(*parameter) : 1, {}};
  std::optional<py::array> arrays[kMaxInputs], second, row, row_gradient;
  for (int i = 0; i < given.inputs; ++i) arrays[i] = Input(name(i), *inputs[i]);
  const py::array& x = *arrays[facts.x];
  const bool is_half = given.is_packed && !given.gives_packed;
  py::array result =
      out.is_none() ? FreshArray(x.dtype(), ShapeOfValue(ShapeOf(x), is_half)) : CheckedArray("out", out);
  if (given.outputs == 2) second = FreshLike(x);
  if (operand) row = Input(operand->name, *operand->object);
  if (facts.has_sum) row_gradient = FreshLike(*row);

  // From here to the kernel nothing of that kind runs, so that the kernel gets what was checked. While it runs, NumPy
  // refuses to resize the arrays, since there are references to them here.
  const DTypeAndShape of_x = Described(x_name, x);
  const DType dtype = of_x.dtype;
  const Shape shape = ShapeOfValue(ShapeOf(x), given.is_packed);
  const DTypeAndShape expected = {dtype, shape.data(), shape.size()};
  const std::string of_whole = std::string(x_name) + "'s", whose = given.is_packed ? "of half of gate" : of_whole;
  if (has_number) CheckFits(*parameter, arguments.parameter, dtype);
  CheckLike("out", Described("out", result), given.gives_packed ? of_x : expected,
            given.gives_packed ? of_whole : whose);
  if (second) CheckLike("dup", Described("dup", *second), expected, whose);
  CheckWriteable("out", result.writeable());
  CheckContiguous("out", result);
  for (int i = 0; i < given.inputs; ++i) {
    if (i != facts.x) CheckLike(name(i), Described(name(i), *arrays[i]), expected, whose);
    CheckContiguous(name(i), *arrays[i]);
    CheckOverlap(MemoryOf(name(i), *arrays[i]), MemoryOf("out", result));
    arguments.in[i] = arrays[i]->data();
  }
  arguments.out[0] = result.mutable_data();
  if (second) arguments.out[1] = second->mutable_data();
  if (given.is_packed) SetHalves(pass, dtype, shape.back(), &arguments);
  const std::size_t size = given.is_packed ? x.size() / 2 : x.size();
  if (!operand) {
    RunElements(activation, pass, dtype, arguments, size);
    return Returned(std::move(result), {std::move(second)});
  }
  const DTypeAndShape of_row = Described(operand->name, *row);
  const std::vector<AxisRun> runs = CheckedAxisRuns(operand->name, of_row, expected, whose);
  CheckContiguous(operand->name, *row);
  CheckApart(MemoryOf(operand->name, *row), MemoryOf("out", result));
  if (row_gradient) CheckLike("the gradient", Described("the gradient", *row_gradient), of_row, "the operand's");
  RunByChannels({activation, pass, dtype, arguments, row->data(), of_row.dtype,
                 row_gradient ? row_gradient->mutable_data() : nullptr},
                runs, size);
  return Returned(std::move(result), {std::move(second), std::move(row_gradient)});
}

}  // namespace tfcustomact::python
