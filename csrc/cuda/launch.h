// What the launches of all kernels share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tfcustomact::cuda {

// The blocks that a multiprocessor shall hold, with 64 registers for each of their threads. Without this number ptxas
// spills registers to fit more.
constexpr int kBlocks = 4;

inline bool IsAligned(const void* array, std::size_t bytes) {
  return reinterpret_cast<std::uintptr_t>(array) % bytes == 0;
}

// Whether a launch can have so many thread blocks.
inline bool CanHave(std::size_t thread_blocks) { return thread_blocks <= 0x7fffffff; }

}  // namespace tfcustomact::cuda
