// How an output is written.
#pragma once

#include <cstddef>

#include "csrc/cpu/kernel_table.h"

namespace tfcustomact::cpu {

// A long output that nobody read before is written past the caches: it would not stay in them until it is read, and
// they would first fetch the memory that it replaces. From 32 MiB on that takes a tenth to a fifth less time, and a
// tenth less if the output is read next; 16 MiB, which stay in many a cache, would then take as long.
inline Writes WritesFor(const void* dy, const void* x, const void* out, std::size_t bytes) {
  constexpr std::size_t kLong = std::size_t{32} << 20;
  return bytes >= kLong && out != x && out != dy ? Writes::kPastCaches : Writes::kThroughCaches;
}

}  // namespace tfcustomact::cpu
