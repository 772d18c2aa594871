// Passes over the halves of one array's last axis.
#pragma once

#include <cstddef>

#include "csrc/passes/passes.h"

namespace tfcustomact {

// Has a pass whose last two inputs, and last two outputs if there are two, are the halves of the last axis of one array
// find these where the arrays lie: `arguments` has the first half of each. `length` is the number of a half's elements
// on this axis.
inline void SetHalves(Pass pass, DType dtype, std::size_t length, Arguments* arguments) {
  const PassFacts facts = FactsOf(pass);
  const std::size_t bytes = length * SizeOf(dtype);
  const int gate = facts.x, up = facts.x + 1;
  Rows& rows = arguments->rows;
  rows.length = length;
  for (int i = 0; i < gate; ++i) rows.in_pitches[i] = length;
  arguments->in[up] = static_cast<const char*>(arguments->in[gate]) + bytes;
  rows.in_pitches[gate] = rows.in_pitches[up] = 2 * length;
  const bool gives_two = facts.outputs == 2;
  rows.out_pitches[0] = gives_two ? 2 * length : length;
  if (gives_two) {
    arguments->out[1] = static_cast<char*>(arguments->out[0]) + bytes;
    rows.out_pitches[1] = 2 * length;
  }
}

}  // namespace tfcustomact
