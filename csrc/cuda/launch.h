// What the launches of all kernels share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tfcustomact::cuda {

// The blocks that a multiprocessor shall hold. It leaves each of their threads 128 registers for float64 numbers, 80
// for two outputs and else 64, and these are enough for every kernel. Without this number ptxas spills registers to fit
// more.
template <class Element>
constexpr bool kIsFloat64 = sizeof(typename Element::Number) == sizeof(double);
template <class Element>
constexpr int kBlocks = kIsFloat64<Element> ? 2 : (Element::kOutputs > 1 ? 3 : 4);

inline bool IsAligned(const void* array, std::size_t bytes) {
  return reinterpret_cast<std::uintptr_t>(array) % bytes == 0;
}

// Whether a launch can have so many thread blocks.
inline bool CanHave(std::size_t thread_blocks) { return thread_blocks <= 0x7fffffff; }

}  // namespace tfcustomact::cuda
