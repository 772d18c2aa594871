// What is broken at the moment, in a build of the kernels in which one thing can be: nothing of this is in the build
// that users get. The folder `headers` has headers in the place of some of csrc's, which include those; others are
// written by breaks.py. It includes no standard header with code in it, as csrc/cpu/loops.cc needs.
#pragma once

#include <cstddef>

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

// One operation of a loop: the constructor's, or of the first or second part that a step computes of a number.
struct Site {
  int loop, part, number;
  Operation operation;
};

struct State {
  // Which entry of breaks.py's list is on; -1 for none.
  int text;
  // Which operation is broken, and how; `site.loop` is -1 for none. Variant 0 is the right one.
  Site site;
  int variant;
  // Whether to write down every operation that is executed.
  bool is_recording;

  // Within a loop: whether an operation of it is broken or written down; where its step is.
  bool is_watching;
  int loop, vectors, numbers_of_part;
  int operations, numbers;
};
extern State state;

int Register(const char* loop);
// The variant of this operation.
int Watch(Operation operation);

TFCUSTOMACT_FUNCTION bool Is(int text) { return __builtin_expect(state.text == text, 0); }

TFCUSTOMACT_FUNCTION int VariantOf(Operation operation) {
  return __builtin_expect(state.is_watching, 0) ? Watch(operation) : 0;
}

// A number is read, in as many vectors as it has: what follows computes the next number of a step.
TFCUSTOMACT_FUNCTION void NumberIsRead() {
  if (__builtin_expect(state.is_watching, 0) && state.operations > 0) {
    state.operations = 0;
    ++state.numbers;
  }
}

// Within the constructor or a step of a loop, which computes in so many vectors at once, and so many numbers in a row.
class Within {
 public:
  TFCUSTOMACT_FUNCTION Within(int loop, int vectors, int numbers_of_part, bool is_constructor) : before_(state) {
    state.is_watching = state.is_recording || state.site.loop == loop;
    state.loop = loop;
    state.vectors = vectors;
    state.numbers_of_part = numbers_of_part;
    state.operations = 0;
    state.numbers = is_constructor ? -numbers_of_part : 0;
  }
  TFCUSTOMACT_FUNCTION ~Within() { state = before_; }

 private:
  const State before_;
};

}  // namespace tfcustomact::breaks
