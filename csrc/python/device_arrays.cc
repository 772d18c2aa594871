#include "csrc/python/device_arrays.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "csrc/cuda/kernels.h"
#include "csrc/passes/halves.h"
#include "csrc/python/checks.h"
#include "csrc/python/dlpack.h"
#include "csrc/python/global_lock.h"
#include "csrc/python/operands.h"

namespace tfcustomact::python {
namespace {

namespace py = pybind11;

constexpr char kInterface[] = "__cuda_array_interface__";

// The legacy default stream is 0 for CUDA, and 1 in both protocols.
constexpr std::uintptr_t kLegacyStream = 1;
std::uintptr_t InProtocols(std::uintptr_t stream) { return stream == 0 ? kLegacyStream : stream; }

struct DeviceArray {
  const char* name;
  py::object owner;  // of what `data` points to
  void* data;
  DType dtype;
  std::vector<std::int64_t> shape;
  std::size_t size;
  bool read_only;
};

std::string ShapeText(const std::vector<std::int64_t>& shape) { return TupleText(shape.data(), shape.size()); }

Memory MemoryOf(const DeviceArray& array) { return {array.name, array.data, array.size * SizeOf(array.dtype)}; }

DTypeAndShape Described(const DeviceArray& array) { return {array.dtype, array.shape.data(), array.shape.size()}; }

std::string DTypeText(const dlpack::DataType& dtype) {
  const std::string bits = std::to_string(dtype.bits);
  const std::string lanes = dtype.lanes == 1 ? "" : "x" + std::to_string(dtype.lanes);
  switch (dtype.code) {
    case dlpack::kInt:
      return "int" + bits + lanes;
    case dlpack::kUnsigned:
      return "uint" + bits + lanes;
    case dlpack::kFloat:
      return "float" + bits + lanes;
    case dlpack::kBfloat:
      return "bfloat" + bits + lanes;
    case dlpack::kComplex:
      return "complex" + bits + lanes;
    case dlpack::kBool:
      return "bool" + lanes;
    default:
      return "number " + std::to_string(dtype.code) + " of DLPack with " + bits + " bits" + lanes;
  }
}

DType CheckedDType(const char* name, const dlpack::DataType& dtype) {
  if (dtype.lanes == 1) {
    if (dtype.code == dlpack::kBfloat && dtype.bits == 16) return DType::kBFloat16;
    if (dtype.code == dlpack::kFloat && dtype.bits == 16) return DType::kFloat16;
    if (dtype.code == dlpack::kFloat && dtype.bits == 32) return DType::kFloat32;
    if (dtype.code == dlpack::kFloat && dtype.bits == 64) return DType::kFloat64;
  }
  RefuseDType(name, DTypeText(dtype));
}

DType CheckedDType(const char* name, const std::string& type) {
  if (type == "<f2") return DType::kFloat16;
  if (type == "<f4") return DType::kFloat32;
  if (type == "<f8") return DType::kFloat64;
  RefuseDType(name, "'" + type + "' in its __cuda_array_interface__, which has no bfloat16");
}

// Fills in `size`. `strides` are in units of `unit` bytes, in elements for DLPack; null where they are those of C
// order.
void CheckExtent(DeviceArray* array, const std::int64_t* strides, std::int64_t unit) {
  const std::string name = array->name;
  const auto element = static_cast<std::int64_t>(SizeOf(array->dtype));
  std::int64_t size = 1;
  for (const std::int64_t extent : array->shape) {
    if (extent < 0 || __builtin_mul_overflow(size, extent, &size) || size > PTRDIFF_MAX / element) {
      throw py::value_error(name + " has shape " + ShapeText(array->shape) + ", which no memory holds");
    }
  }
  array->size = size;
  if (size == 0) return;
  if (strides != nullptr) {
    std::int64_t expected = element / unit;
    for (std::size_t i = array->shape.size(); i-- > 0;) {
      if (array->shape[i] != 1 && strides[i] != expected) {
        const std::vector<std::int64_t> given(strides, strides + array->shape.size());
        throw py::value_error(name + " has strides " + ShapeText(given) + (unit == 1 ? " in bytes" : " in elements") +
                              " for the shape " + ShapeText(array->shape) + ": a C-contiguous array is accepted");
      }
      expected *= array->shape[i];
    }
  }
  if (reinterpret_cast<std::uintptr_t>(array->data) % element != 0) {
    throw py::value_error(name + "'s memory does not begin at a multiple of its element's size: an aligned array is " +
                          "accepted");
  }
}

// The field of a protocol as T. Raises TypeError if it is something else.
template <class T>
T Cast(const char* name, const char* field, const py::object& value) {
  try {
    return value.cast<T>();
  } catch (const py::cast_error&) {
    throw py::type_error(std::string(name) + "'s " + field + " is " + Text(py::repr(value)) +
                         ": what the protocol demands is accepted");
  }
}

py::object Capsule(const char* name, const py::object& array, std::uintptr_t stream) {
  const py::object method = array.attr("__dlpack__");
  try {
    try {
      return method(py::arg("stream") = InProtocols(stream), py::arg("max_version") = py::make_tuple(1, 0));
    } catch (py::error_already_set& error) {
      // Libraries from before DLPack 1.0 do not know the second argument.
      if (!error.matches(PyExc_TypeError)) throw;
      return method(py::arg("stream") = InProtocols(stream));
    }
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_BufferError)) throw;
    py::raise_from(error, PyExc_ValueError,
                   (std::string(name) + " cannot be read through DLPack: " + Text(error.value())).c_str());
    throw py::error_already_set();
  }
}

DeviceArray FromDlpack(const char* name, const py::object& array, std::uintptr_t stream) {
  const py::object capsule = Capsule(name, array, stream);
  const dlpack::Tensor* tensor;
  bool read_only = false;
  // The capsule is not renamed, so that it frees its content when it is destroyed, after the launch.
  if (PyCapsule_IsValid(capsule.ptr(), dlpack::kVersionedCapsule)) {
    const auto* managed =
        static_cast<dlpack::VersionedTensor*>(PyCapsule_GetPointer(capsule.ptr(), dlpack::kVersionedCapsule));
    if (managed->major != dlpack::kMajorVersion) {
      throw py::value_error(std::string(name) + " comes in version " + std::to_string(managed->major) + "." +
                            std::to_string(managed->minor) + " of DLPack: 1.x is accepted");
    }
    tensor = &managed->tensor;
    read_only = (managed->flags & dlpack::kReadOnly) != 0;
  } else if (PyCapsule_IsValid(capsule.ptr(), dlpack::kCapsule)) {
    tensor = &static_cast<dlpack::ManagedTensor*>(PyCapsule_GetPointer(capsule.ptr(), dlpack::kCapsule))->tensor;
  } else {
    throw py::type_error(std::string(name) + ".__dlpack__() returned " + Text(py::repr(capsule)) +
                         ": a capsule of DLPack is accepted");
  }
  DeviceArray read{name,
                   capsule,
                   static_cast<char*>(tensor->data) + tensor->byte_offset,
                   CheckedDType(name, tensor->dtype),
                   {tensor->shape, tensor->shape + tensor->dimensions},
                   0,
                   read_only};
  CheckExtent(&read, tensor->strides, static_cast<std::int64_t>(SizeOf(read.dtype)));
  return read;
}

py::dict Interface(const char* name, const py::object& array) {
  return Cast<py::dict>(name, kInterface, array.attr(kInterface));
}

// A field of an interface; None where it is left out.
py::object Field(const py::dict& interface, const char* key) {
  return interface.contains(key) ? py::object(interface[key]) : py::none();
}

// The stream that an array says it is in use on, if it names one.
std::optional<std::uintptr_t> StreamOf(const char* name, const py::dict& interface) {
  return Cast<std::optional<std::uintptr_t>>(name, "'stream'", Field(interface, "stream"));
}

DeviceArray FromCudaArrayInterface(const char* name, const py::object& array, std::uintptr_t stream) {
  const py::dict interface = Interface(name, array);
  const auto [address, read_only] = Cast<std::pair<std::uintptr_t, bool>>(name, "'data'", Field(interface, "data"));
  DeviceArray read{name,
                   array,
                   reinterpret_cast<void*>(address),
                   CheckedDType(name, Cast<std::string>(name, "'typestr'", Field(interface, "typestr"))),
                   Cast<std::vector<std::int64_t>>(name, "'shape'", Field(interface, "shape")),
                   0,
                   read_only};
  if (!Field(interface, "mask").is_none())
    throw py::value_error(std::string(name) + " has a mask: an array without is accepted");
  const py::object strides = Field(interface, "strides");
  std::vector<std::int64_t> given;
  if (!strides.is_none()) given = Cast<std::vector<std::int64_t>>(name, "'strides'", strides);
  if (!strides.is_none() && given.size() != read.shape.size()) {
    throw py::value_error(std::string(name) + " has " + std::to_string(given.size()) + " strides for the shape " +
                          ShapeText(read.shape));
  }
  CheckExtent(&read, strides.is_none() ? nullptr : given.data(), 1);
  const std::optional<std::uintptr_t> in_use = StreamOf(name, interface);
  if (in_use && InProtocols(*in_use) != InProtocols(stream)) {
    throw py::value_error(std::string(name) + " is in use on stream " + std::to_string(*in_use) +
                          ", and the kernel would run on " + std::to_string(stream) + ": the same stream is accepted");
  }
  return read;
}

// Like Python's hasattr, which raises all errors but AttributeError; pybind11's hides them all.
bool HasAttribute(const py::object& object, const char* name) {
  if (py::reinterpret_steal<py::object>(PyObject_GetAttrString(object.ptr(), name))) return true;
  if (PyErr_ExceptionMatches(PyExc_AttributeError) == 0) throw py::error_already_set();
  PyErr_Clear();
  return false;
}

bool HasDlpack(const py::object& array) {
  return HasAttribute(array, "__dlpack__") && HasAttribute(array, "__dlpack_device__");
}

// Where a kernel runs that is given no stream: on the one that `out` says it is in use on, else on the default stream.
std::uintptr_t DefaultStream(const py::object& out) {
  if (!HasAttribute(out, kInterface)) return kLegacyStream;
  return StreamOf("out", Interface("out", out)).value_or(kLegacyStream);
}

DeviceArray Read(const char* name, const py::object& array, std::uintptr_t stream) {
  return HasDlpack(array) ? FromDlpack(name, array, stream) : FromCudaArrayInterface(name, array, stream);
}

// Nothing for an array without elements.
std::optional<int> MemoryDevice(const DeviceArray& array) {
  if (array.size == 0) return std::nullopt;
  int device = 0;
  if (cuda::DeviceOf(array.data, &device) != 0) {
    throw py::type_error(std::string(array.name) + "'s memory is on no CUDA device: an array on one is accepted");
  }
  return device;
}

// Makes a device the current one as long as it exists: some libraries export only arrays of the current device.
class CurrentDevice {
 public:
  explicit CurrentDevice(int device) : error_(cuda::SetDevice(device, &before_)) {}
  ~CurrentDevice() {
    if (error_ == 0) cuda::SetDevice(before_, &before_);
  }
  CurrentDevice(const CurrentDevice&) = delete;
  CurrentDevice& operator=(const CurrentDevice&) = delete;
  int error() const { return error_; }

 private:
  int before_ = 0;
  int error_;
};

void CheckLaunch(int error) {
  if (error != 0) throw std::runtime_error(std::string("the kernel could not be launched: ") + cuda::ErrorText(error));
}

// The arrays of one call as they describe themselves, and the device and the stream that its kernels run on.
class Operands {
 public:
  struct Given {
    const char* name;
    const py::object& object;
  };

  // What may run Python code, that of the arrays' classes. `out` is the first output.
  Operands(const std::vector<Given>& given, const py::object& out, std::optional<std::uintptr_t> stream) {
    for (const Given& one : given) devices_.push_back(DeclaredDevice(one.name, one.object));
    const auto declared = std::find_if(devices_.begin(), devices_.end(), [](const auto& device) { return device; });
    if (declared != devices_.end()) current_.emplace(**declared);
    stream_ = stream ? *stream : DefaultStream(out);
    for (const Given& one : given) arrays_.push_back(Read(one.name, one.object, stream_));
  }

  const DeviceArray& operator[](std::size_t i) const { return arrays_[i]; }

  // Raises ValueError if the arrays are on several devices, TypeError if one is on none.
  void CheckDevices() {
    const std::size_t none = arrays_.size();
    std::size_t first = none;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      if (!devices_[i]) devices_[i] = MemoryDevice(arrays_[i]);
      if (!devices_[i]) continue;
      if (first == none) first = i;
      if (*devices_[i] != *devices_[first]) {
        throw py::value_error(std::string(arrays_[i].name) + " is on CUDA device " + std::to_string(*devices_[i]) +
                              ": " + std::to_string(*devices_[first]) + ", " + arrays_[first].name + "'s, is accepted");
      }
    }
    if (first != none && !current_) current_.emplace(*devices_[first]);
  }

  // After CheckDevices, for arrays that are not all empty: launch(stream) returns an error of CUDA's.
  template <class Launch>
  void Run(const Launch& launch) {
    CheckLaunch(current_->error());
    int error;
    WithoutGlobalLock([&]() noexcept { error = launch(reinterpret_cast<void*>(stream_)); });
    CheckLaunch(error);
  }

 private:
  std::vector<std::optional<int>> devices_;
  std::optional<CurrentDevice> current_;
  std::uintptr_t stream_;
  std::vector<DeviceArray> arrays_;
};

// Launches a pass with a row, with memory for its partial sums that is given back when the kernels have run.
int LaunchByChannels(const ChannelCall& call, const std::vector<AxisRun>& runs, void* stream) {
  const std::size_t bytes = cuda::ScratchBytes(call, runs);
  void* scratch = nullptr;
  if (bytes == 0) return cuda::LaunchByChannels(call, scratch, runs, stream);
  if (const int error = cuda::Allocate(bytes, stream, &scratch)) return error;
  const int error = cuda::LaunchByChannels(call, scratch, runs, stream), error_of_free = cuda::Free(scratch, stream);
  return error != 0 ? error : error_of_free;
}

}  // namespace

std::optional<int> DeclaredDevice(const char* name, const py::object& array) {
  if (!HasDlpack(array)) {
    if (HasAttribute(array, kInterface)) return std::nullopt;
    throw py::type_error(std::string(name) + " is of type " + TypeName(array) +
                         ": an array on a CUDA device is accepted, with __dlpack__ or __cuda_array_interface__");
  }
  const auto [type, id] = Cast<std::pair<int, int>>(name, "__dlpack_device__()", array.attr("__dlpack_device__")());
  if (type == dlpack::kCuda || type == dlpack::kCudaManaged) return id;
  const std::string where = type == dlpack::kCpu        ? "in the host's memory"
                            : type == dlpack::kCudaHost ? "in the host's pinned memory"
                                                        : "on device type " + std::to_string(type) + " of DLPack";
  throw py::type_error(std::string(name) + " is " + where +
                       ": an array on a CUDA device is accepted (tfcustomact.numpy takes NumPy arrays)");
}

bool IsArray(const py::object& object) { return HasDlpack(object) || HasAttribute(object, kInterface); }

void ApplyOnDevice(Activation activation, Pass pass, const py::object* const* inputs,
                   const std::optional<Argument>& parameter, const py::object& bias,
                   const std::vector<py::object>& results, std::optional<std::uintptr_t> stream) {
  const ArraysOfCall arrays(pass, inputs);
  const char* const x_name = pass == Pass::kValue || pass == Pass::kGradient ? "array" : "gate";
  const bool is_array = parameter && !PyFloat_Check(parameter->value.ptr()) && IsArray(parameter->value);
  const std::optional<RowOperand> operand = RowOf(pass, parameter, is_array, bias, x_name);
  if (operand) pass = operand->pass;
  const PassFacts facts = FactsOf(pass);
  const bool has_number = parameter && facts.row != Row::kParameter;
  // What may run Python code comes first, beginning with the parameter: it could change an array that was read before.
  Arguments arguments = {{}, {}, has_number ? RealNumber(*parameter) : 1, {}};
  // In this order: x, the other inputs, the results that have its shape or half of it, the row, the row's gradient.
  std::vector<Operands::Given> given{{x_name, *inputs[facts.x]}};
  for (int i = 0; i < arrays.inputs; ++i) {
    if (i != facts.x) given.push_back({facts.input_names[i], *inputs[i]});
  }
  const std::size_t first_out = given.size(), row = first_out + arrays.outputs, sum = row + 1;
  constexpr const char* kNames[] = {"out", "out[1]", "out[2]"};
  static_assert(kMaxOutputs == 2, "as many names as outputs, and one for the sum");
  const py::object none = py::none();
  const auto give_result = [&](std::size_t i) { given.push_back({kNames[i], i < results.size() ? results[i] : none}); };
  for (int i = 0; i < arrays.outputs; ++i) give_result(i);
  if (operand) given.push_back({operand->name, *operand->object});
  if (facts.has_sum) give_result(arrays.outputs);
  Operands operands(given, given[first_out].object, stream);

  const DeviceArray& x = operands[0];
  const std::vector<std::int64_t> shape = ShapeOfValue(x.shape, arrays.is_packed);
  const DTypeAndShape expected = {x.dtype, shape.data(), shape.size()};
  const std::string of_whole = std::string(x_name) + "'s", whose = arrays.is_packed ? "of half of gate" : of_whole;
  for (std::size_t i = 1; i < row; ++i) {
    const bool is_whole = arrays.gives_packed && i == first_out;
    CheckLike(operands[i].name, Described(operands[i]), is_whole ? Described(x) : expected,
              is_whole ? of_whole : whose);
  }
  if (has_number) CheckFits(*parameter, arguments.parameter, x.dtype);
  for (std::size_t out = first_out; out < row; ++out) {
    CheckWriteable(operands[out].name, !operands[out].read_only);
    for (std::size_t i = 0; i < first_out; ++i) CheckOverlap(MemoryOf(operands[i]), MemoryOf(operands[out]));
    for (std::size_t i = first_out; i < out; ++i) CheckApart(MemoryOf(operands[i]), MemoryOf(operands[out]));
  }
  std::vector<AxisRun> runs;
  if (operand) {
    runs = CheckedAxisRuns(operand->name, Described(operands[row]), expected, whose);
    for (std::size_t i = first_out; i < row; ++i) CheckApart(MemoryOf(operands[row]), MemoryOf(operands[i]));
  }
  if (facts.has_sum) {
    const DeviceArray& of_row = operands[sum];
    CheckLike(of_row.name, Described(of_row), Described(operands[row]), std::string(operand->name) + "'s");
    CheckWriteable(of_row.name, !of_row.read_only);
    for (std::size_t i = 0; i < sum; ++i) CheckApart(MemoryOf(operands[i]), MemoryOf(of_row));
  }
  operands.CheckDevices();
  // The sums over no elements are zeros, which a kernel writes.
  if (x.size == 0 && (!facts.has_sum || operands[sum].size == 0)) return;

  const std::size_t size = arrays.is_packed ? x.size / 2 : x.size;
  std::size_t other = 1;
  for (int i = 0; i < arrays.inputs; ++i) arguments.in[i] = i == facts.x ? x.data : operands[other++].data;
  for (int i = 0; i < arrays.outputs; ++i) arguments.out[i] = operands[first_out + i].data;
  if (arrays.is_packed) {
    SetHalves(pass, x.dtype, shape.back(), &arguments);
  } else if (arrays.outputs == 2 && !operand) {
    // As one row: only outputs of rows may each begin at another place between multiples of 16 bytes.
    arguments.rows.length = size;
  }
  operands.Run([&](void* on) {
    if (!operand) return cuda::Launch(activation, pass, x.dtype, arguments, size, on);
    return LaunchByChannels({activation, pass, x.dtype, arguments, operands[row].data, operands[row].dtype,
                             facts.has_sum ? operands[sum].data : nullptr},
                            runs, on);
  });
}

}  // namespace tfcustomact::python
