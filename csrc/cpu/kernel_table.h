// What the translation unit of one instruction set gives to the dispatcher. It includes no standard header with code in
// it: an inline function compiled for an instruction set that the machine may not have could serve the whole program.
#pragma once

#include <cstddef>

#include "csrc/passes/kinds.h"
#include "csrc/passes/passes.h"

namespace tfcustomact::cpu {

// How arrays are accessed: as usual, with the inputs fetched ahead, or with that and non-temporal stores. Kernels that
// are bound by arithmetic do not distinguish them.
enum class Access { kCached, kFetchAhead, kNonTemporal };

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
