// The list of activations: X(class of the formula, its name, the name of its parameter).
#pragma once

#define TFCUSTOMACT_ACTIVATIONS(X) \
  X(Swish, swish, beta)            \
  X(Elu, elu, alpha)
