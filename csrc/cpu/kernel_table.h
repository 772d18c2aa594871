// What the translation unit of one instruction set gives to the dispatcher. It includes no standard header with code in
// it: an inline function compiled for an instruction set that the machine may not have could serve the whole program.
#pragma once

#include <cstddef>

#include "csrc/formulas/kinds.h"

namespace tfcustomact::cpu {

// How arrays are accessed: as usual, with the inputs fetched ahead, or with that and non-temporal stores. Kernels that
// are bound by arithmetic do not distinguish them.
enum class Access { kCached, kFetchAhead, kNonTemporal };

// out[i] = f(x[i]) for Order::kValue, else out[i] = dy[i] * f'(x[i]) or dy[i] * f''(x[i]) (dy is not read for kValue).
// The arrays may be of any length and alignment; out may be x or dy, but not overlap them otherwise. `parameter` is
// beta or alpha; it is rounded to float32 for every dtype but float64.
using Kernel = void (*)(const void* dy, const void* x, void* out, std::size_t size, double parameter, Access access);

struct KernelTable {
  Kernel kernels[kActivations][kOrders][kDTypes];
};

}  // namespace tfcustomact::cpu
