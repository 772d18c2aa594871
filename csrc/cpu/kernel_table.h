// What csrc/cpu/loops.cc, compiled for one instruction set, offers to the dispatcher. No standard header with code in
// it is included here: of an inline function's copies the linker keeps one for the whole program, which could be the
// one compiled for instructions that the machine does not have.
#pragma once

#include <cstddef>

#include "csrc/passes/kinds.h"
#include "csrc/passes/passes.h"

namespace tfcustomact::cpu {

// In bytes: that of x86-64, and of most ARM processors. On others it only costs time.
inline constexpr std::size_t kCacheLine = 64;

// How arrays are accessed. Kernels that are bound by arithmetic access them in the first way always.
enum class Access {
  kCached,                 // ordinary loads and stores
  kFetchAhead,             // and the inputs are prefetched well before they are read
  kNonTemporal,            // non-temporal stores, and the inputs of a step are prefetched where it begins
  kNonTemporalFetchAhead,  // non-temporal stores, and the inputs are prefetched well before they are read
  kFromMemory,             // likewise, but less of them: several inputs that are in no cache
};
constexpr bool IsNonTemporal(Access access) { return access >= Access::kNonTemporal; }
constexpr bool Prefetches(Access access) { return access != Access::kCached; }
constexpr bool FetchesAhead(Access access) { return Prefetches(access) && access != Access::kNonTemporal; }
constexpr Access WithOrdinaryStores(Access access) {
  return FetchesAhead(access) ? Access::kFetchAhead : Access::kCached;
}

// One pass over the elements from `begin` up to `end` of the arrays, which may be of any length and alignment. An
// output may be an input, but not overlap it otherwise. The parameter is rounded to float32 for every dtype but
// float64; it is 1 for an activation without one.
using Kernel = void (*)(const Arguments& arguments, std::size_t begin, std::size_t end, Access access);

struct KernelsOfDTypes {
  Kernel of[kDTypes];
};
struct KernelsOfPasses {
  KernelsOfDTypes of[kPasses];
};
struct KernelTable {
  KernelsOfPasses of[kActivations];
};

}  // namespace tfcustomact::cpu
