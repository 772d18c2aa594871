// The passes that `check` judges.
#pragma once

#define TFCUSTOMACT_PASSES(X) \
  X(Value)                    \
  X(Gradient)                 \
  X(SecondGradient)
