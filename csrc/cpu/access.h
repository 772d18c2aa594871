// How a kernel reads and writes its arrays.
#pragma once

#include <unistd.h>

#include <cstddef>

#include "csrc/cpu/kernel_table.h"

namespace tfcustomact::cpu {

// The size of a cache; `usual` where the system does not tell.
inline std::size_t CacheSize([[maybe_unused]] int level, std::size_t usual) {
#ifdef _SC_LEVEL2_CACHE_SIZE
  const long size = sysconf(level == 2 ? _SC_LEVEL2_CACHE_SIZE : _SC_LEVEL3_CACHE_SIZE);
  if (size > 0) return size;
#endif
  return usual;
}

// The size of a core's second-level cache.
inline std::size_t SecondLevelCache() {
  static const std::size_t size = CacheSize(2, std::size_t{1} << 20);
  return size;
}

// The size of the processor's last cache.
inline std::size_t LastLevelCache() {
  static const std::size_t size = CacheSize(3, std::size_t{1} << 25);
  return size;
}

// Whether it saves time to prefetch ahead of what is read. AMD's processors with AVX-512 prefetch far enough ahead by
// themselves (measured on a Zen 4).
inline bool FetchingAheadPays() {
#if defined(__x86_64__)
  static const bool pays = !(__builtin_cpu_is("amd") && __builtin_cpu_supports("avx512f"));
  return pays;
#else
  return true;
#endif
}

// How to access arrays of `bytes` each.
//
// Arrays of twice the size of the second-level cache and more are not found in it. Prefetching them takes 4 to 11 %
// less time from 4 MiB on (Intel, AVX-512, 2 MiB of second-level cache); on a Zen 3 it made no difference below 16 MiB.
// On a Zen 4 it takes up to 7 % more from 2 MiB on. There value and gradient of 2^24 and 2^26 elements take 7 to 28 %
// less time without prefetching than with all of it, and 0 to 18 % less than with kFromMemory's part of it. But where
// a step with non-temporal stores begins by prefetching what it reads itself, as kNonTemporal says, ELU's take 3 to 7 %
// less than without, and those of the other activations the same to 2 %.
//
// An output of 16 MiB and more does not stay in a cache until it is read. Non-temporal stores then take a quarter less
// time than ordinary ones, which first load the memory that they overwrite, and no more time if the output is read
// next. At 8 MiB they would take 15 % less, but reading the output afterwards 10 % more. This was measured on a Zen 3
// and on the Intel: their second-level caches differ by a factor of 4, and the last-level caches that they report by a
// factor of 15, so that the limit does not depend on these. On a Zen 4 they take 17 to 41 % less time at 64 MiB, and
// between 15 % more and 29 % less at 8 MiB.
//
// How several inputs are prefetched depends on the caches: arrays that are together larger than the last-level cache
// come from memory.
inline Access AccessFor(const Arguments& arguments, const PassFacts& pass, std::size_t bytes) {
  constexpr std::size_t kLong = std::size_t{16} << 20;
  bool is_in_place = false;
  for (int i = 0; i < pass.inputs; ++i) {
    for (int o = 0; o < pass.outputs; ++o) is_in_place |= arguments.in[i] == arguments.out[o];
  }
  if (bytes >= kLong && !is_in_place) {
    if (!FetchingAheadPays()) return Access::kNonTemporal;
    const bool is_from_memory = (pass.inputs + pass.outputs) * bytes > LastLevelCache();
    return is_from_memory && pass.inputs > 1 ? Access::kFromMemory : Access::kNonTemporalFetchAhead;
  }
  return FetchingAheadPays() && bytes >= 2 * SecondLevelCache() ? Access::kFetchAhead : Access::kCached;
}

}  // namespace tfcustomact::cpu
