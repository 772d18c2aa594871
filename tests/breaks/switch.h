// What is broken at the moment, in a build of the kernels in which one thing can be: nothing of this is in the build
// that users get. The folder `headers` has a header in the place of one of csrc's, which includes that; others are
// written by texts.py. It includes no standard header with code in it, as csrc/cpu/loops.cc needs.
#pragma once

#include "csrc/numbers/function.h"

namespace tfcustomact::breaks {

// The operations of lanes, and of lanes' masks.
enum class Operation {
  kConstant,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kNegate,
  kMulAdd,
  kMulSub,
  kNegMulAdd,
  kReciprocal,
  kAbs,
  kCopySign,
  kLess,
  kIsFinite,
  kIsInf,
  kWhere,
  kMax,
  kClamp,
  kPowerOfTwo,
  kTimesPowerOfTwo,
  kUpperBits,
};

// One operation of one vector: an address in the code, where everything is inlined, and how often it was executed since
// a vector was read. So the loops may be of any structure.
struct Site {
  const void* address;
  int count;
};

// What is broken for the calling thread.
struct State {
  // Which entry of the list in texts.py is on; -1 for none.
  int text;
  // Which operation is broken, and how; without an address none is. Variant 0 is the right one.
  Site site;
  int variant;
  // Whether to write down every operation that is executed.
  bool is_recording;
  // Whether an operation is broken or written down.
  bool is_watching;
  // How often the broken operation was executed since a vector was read.
  int count;
};
extern __thread State state __attribute__((tls_model("initial-exec")));

// The variant of this operation. It has to be called, since the caller's address tells which operation it is.
int Watch(Operation operation);
// A vector is read, while operations are written down.
void ForgetCounts();

TFCUSTOMACT_FUNCTION bool Is(int text) { return __builtin_expect(state.text == text, 0); }

TFCUSTOMACT_FUNCTION int VariantOf(Operation operation) {
  return __builtin_expect(state.is_watching, 0) ? Watch(operation) : 0;
}

TFCUSTOMACT_FUNCTION void VectorIsRead() {
  state.count = 0;
  if (__builtin_expect(state.is_recording, 0)) ForgetCounts();
}

}  // namespace tfcustomact::breaks
