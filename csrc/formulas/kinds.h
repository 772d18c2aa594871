// What a kernel is asked for: one derivative of one activation, for arrays of one dtype. It includes no standard header
// with code in it, so that csrc/cpu/loops.cc can.
#pragma once

#include <cstddef>

#include "csrc/formulas/list.h"

namespace tfcustomact {

#define TFCUSTOMACT_ENUMERATOR(Formula, name, parameter) k##Formula,
enum class Activation { TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_ENUMERATOR) };
#undef TFCUSTOMACT_ENUMERATOR
enum class Order { kValue, kSlope, kCurvature };
enum class DType { kFloat16, kBFloat16, kFloat32, kFloat64 };

#define TFCUSTOMACT_COUNT(Formula, name, parameter) +1
inline constexpr int kActivations = TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_COUNT);
#undef TFCUSTOMACT_COUNT
inline constexpr int kOrders = 3, kDTypes = 4;

constexpr std::size_t SizeOf(DType dtype) { return dtype == DType::kFloat64 ? 8 : dtype == DType::kFloat32 ? 4 : 2; }

}  // namespace tfcustomact
