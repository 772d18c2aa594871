// The list of passes: X(class in passes.h).
#pragma once

#define TFCUSTOMACT_PASSES(X) X(Value) X(Gradient) X(SecondGradient)
