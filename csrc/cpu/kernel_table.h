// What the translation unit of one instruction set gives to the dispatcher. It includes no standard header with code in
// it: an inline function compiled for an instruction set that the machine may not have could serve the whole program.
#pragma once

#include <cstddef>

#include "csrc/formulas/list.h"

namespace tfcustomact::cpu {

#define TFCUSTOMACT_ENUMERATOR(Formula, name, parameter) k##Formula,
enum class Activation { TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_ENUMERATOR) };
#undef TFCUSTOMACT_ENUMERATOR
enum class Order { kValue, kSlope, kCurvature };
enum class DType { kFloat16, kBFloat16, kFloat32, kFloat64 };

#define TFCUSTOMACT_COUNT(Formula, name, parameter) +1
inline constexpr int kActivations = TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_COUNT);
#undef TFCUSTOMACT_COUNT
inline constexpr int kOrders = 3, kDTypes = 4;

// out[i] = f(x[i]) for Order::kValue, else out[i] = dy[i] * f'(x[i]) or dy[i] * f''(x[i]) (dy is not read for kValue).
// The arrays may be of any length and alignment; out may be x or dy, but not overlap them otherwise. `parameter` is
// beta or alpha; it is rounded to float32 for every dtype but float64.
using Kernel = void (*)(const void* dy, const void* x, void* out, std::size_t size, double parameter);

struct KernelTable {
  Kernel kernels[kActivations][kOrders][kDTypes];
};

}  // namespace tfcustomact::cpu
