// Kept memory as an allocator of TensorFlow.
#pragma once

#include <cstddef>
#include <string>

#include "csrc/memory/kept_memory.h"
#include "tensorflow/core/framework/allocator.h"

namespace tfcustomact {

class KeptAllocator : public ::tensorflow::Allocator {
 public:
  // Never destroyed: tensors may be freed after static objects are.
  static KeptAllocator* Get() {
    static KeptAllocator* const allocator = new KeptAllocator;
    return allocator;
  }

  std::string Name() override { return "tfcustomact_kept_memory"; }

  // Null where there is no memory. Blocks begin at a page, which is enough for every alignment.
  void* AllocateRaw(std::size_t, std::size_t bytes) override { return KeptMemory::Get().Allocate(bytes); }
  void DeallocateRaw(void* memory) override { KeptMemory::Get().Free(memory); }
};

}  // namespace tfcustomact
