// What a kernel is asked for: one pass of one activation over arrays of one dtype. It includes no standard header with
// code in it, so that csrc/cpu/loops.cc can.
#pragma once

#include <cstddef>

#include "activation_list.h"
#include "csrc/passes/list.h"

namespace tfcustomact {

#define TFCUSTOMACT_ENUMERATOR(Name, ...) k##Name,
enum class Activation { TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_ENUMERATOR) };
enum class Pass { TFCUSTOMACT_PASSES(TFCUSTOMACT_ENUMERATOR) };
#undef TFCUSTOMACT_ENUMERATOR
enum class DType { kFloat16, kBFloat16, kFloat32, kFloat64 };

#define TFCUSTOMACT_COUNT(...) +1
inline constexpr int kActivations = TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_COUNT);
inline constexpr int kPasses = TFCUSTOMACT_PASSES(TFCUSTOMACT_COUNT);
#undef TFCUSTOMACT_COUNT
inline constexpr int kDTypes = 4;

// A derivative of an activation with respect to x.
enum class Order { kValue, kDerivative, kSecondDerivative };

// The row of a pass, an operand with one number for each channel: none, the activation's parameter, or a bias.
enum class Row { kNone, kParameter, kBias };

constexpr std::size_t SizeOf(DType dtype) { return dtype == DType::kFloat64 ? 8 : dtype == DType::kFloat32 ? 4 : 2; }

}  // namespace tfcustomact
