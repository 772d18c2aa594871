// How an operand that holds one number per channel lies beside x: which of x's axes it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tfcustomact {

// Neighbouring axes of x, of `size` elements together. The operand has these axes too if `is_kept`, and is the same
// along them otherwise.
struct AxisRun {
  std::size_t size;
  bool is_kept;
};

// The axes of x, from the first to the last, in runs that alternate between the two kinds; axes of length 1 do not
// count. Nothing if the operand does not broadcast to x by NumPy's rules, or would enlarge it.
inline std::optional<std::vector<AxisRun>> AxisRuns(const std::int64_t* x, std::size_t x_axes,
                                                    const std::int64_t* operand, std::size_t operand_axes) {
  if (operand_axes > x_axes) return std::nullopt;
  std::vector<AxisRun> runs;
  for (std::size_t axis = 0; axis < x_axes; ++axis) {
    const std::size_t missing = x_axes - operand_axes;
    const std::int64_t length = axis < missing ? 1 : operand[axis - missing];
    if (length != 1 && length != x[axis]) return std::nullopt;
    if (x[axis] == 1) continue;
    const bool is_kept = length != 1;
    if (runs.empty() || runs.back().is_kept != is_kept) runs.push_back({1, is_kept});
    runs.back().size *= static_cast<std::size_t>(x[axis]);
  }
  return runs;
}

}  // namespace tfcustomact
