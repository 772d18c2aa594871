#pragma once

#include <cstddef>
#include <string>

#include "tensorflow/core/framework/allocator.h"

namespace tfcustomact {

// Memory for long outputs, in huge pages where the system gives them on request. With others, the first write to each
// 4 KiB costs more than everything else that a kernel does.
class HugePages : public ::tensorflow::Allocator {
 public:
  // From this size on glibc, whose memory TensorFlow's own allocator gives out, takes fresh pages for every array.
  static constexpr std::size_t kLeast = std::size_t{32} << 20;

  // Never destroyed: tensors may be freed after static objects are.
  static HugePages& Get();

  std::string Name() override { return "tfcustomact_huge_pages"; }

  // Null where there is no memory.
  void* AllocateRaw(std::size_t alignment, std::size_t bytes) override;
  void DeallocateRaw(void* array) override;
};

}  // namespace tfcustomact
