// The part of DLPack's binary interface that is read here, after dlpack.h of DLPack 1.1
// (https://dmlc.github.io/dlpack/latest/c_api.html). Minor versions only add to it.
#pragma once

#include <cstdint>

namespace tfcustomact::dlpack {

inline constexpr std::uint32_t kMajorVersion = 1;

// The names of capsules that have not been consumed.
inline constexpr char kCapsule[] = "dltensor", kVersionedCapsule[] = "dltensor_versioned";

enum DeviceType : std::int32_t { kCpu = 1, kCuda = 2, kCudaHost = 3, kCudaManaged = 13 };

struct Device {
  std::int32_t type;
  std::int32_t id;
};

enum TypeCode : std::uint8_t { kInt = 0, kUnsigned = 1, kFloat = 2, kBfloat = 4, kComplex = 5, kBool = 6 };

struct DataType {
  std::uint8_t code;
  std::uint8_t bits;
  std::uint16_t lanes;
};

struct Tensor {
  void* data;
  Device device;
  std::int32_t dimensions;
  DataType dtype;
  std::int64_t* shape;
  std::int64_t* strides;  // in elements; null for a compact tensor in C order
  std::uint64_t byte_offset;
};

// What a capsule named kCapsule holds. The capsule frees it, unless the capsule is renamed.
struct ManagedTensor {
  Tensor tensor;
  void* context;
  void (*deleter)(ManagedTensor*);
};

inline constexpr std::uint64_t kReadOnly = 1;

// What a capsule named kVersionedCapsule holds.
struct VersionedTensor {
  std::uint32_t major, minor;
  void* context;
  void (*deleter)(VersionedTensor*);
  std::uint64_t flags;
  Tensor tensor;
};

}  // namespace tfcustomact::dlpack
