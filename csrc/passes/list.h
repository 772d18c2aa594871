// The list of passes: X(class in passes.h).
#pragma once

#define TFCUSTOMACT_PASSES(X) \
  X(Value)                    \
  X(Gradient)                 \
  X(SecondGradient)           \
  X(TensorValue)              \
  X(TensorGradient)           \
  X(BiasedValue)              \
  X(BiasedGradient)           \
  X(GatedValue)               \
  X(GatedGradient)            \
  X(GatedTensorValue)         \
  X(GatedTensorGradient)
