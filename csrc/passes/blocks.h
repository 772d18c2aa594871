// How the elements of x belong to channels, in the form that loops want. It compiles for host and device.
#pragma once

#include <cstddef>
#include <vector>

#include "csrc/numbers/function.h"
#include "csrc/passes/broadcast.h"

namespace tfcustomact {

// x is a sequence of blocks, each of which takes the same number of channels: the elements of a block belong to
// `channels` channels in turn, `inner` elements to each.
struct Blocks {
  // More runs are not possible: each has two elements or more, and a size has 64 bits.
  static constexpr std::size_t kMaxOuter = 64;

  std::size_t number = 1, size = 1, channels = 1, inner = 1;
  // The channels of all blocks together.
  std::size_t all_channels = 1;
  // The runs of axes by which the blocks are numbered.
  std::size_t outer_axes = 0;
  AxisRun outer[kMaxOuter] = {};

  // No blocks if x is empty. If `row` is not 0, it is the length of x's last axis, whose rows do not follow each other:
  // a block then consists of whole rows, each of which has the same channels.
  explicit Blocks(std::vector<AxisRun> runs, std::size_t row = 0) {
    for (const AxisRun& run : runs) {
      all_channels *= run.is_kept ? run.size : 1;
      number *= run.size != 0;
    }
    if (number == 0) return;
    const bool has_inner = !runs.empty() && !runs.back().is_kept;
    if (row != 0 && !has_inner && !runs.empty() && runs.back().size != row) {
      runs.back().size /= row;
      runs.push_back({row, true});
    }
    // From this many consecutive elements of one channel on, a block is of this channel alone.
    constexpr std::size_t kLongInner = 512;
    auto outer_end = runs.end();
    std::size_t repeats = 1;
    if (has_inner) inner = (--outer_end)->size;
    const bool is_of_one_channel = has_inner && (row != 0 || inner >= kLongInner);
    if (!is_of_one_channel && outer_end != runs.begin()) {
      channels = (--outer_end)->size;
      if (outer_end != runs.begin() && !(outer_end - 1)->is_kept) repeats = (--outer_end)->size;
    }
    size = repeats * channels * inner;
    for (auto run = runs.begin(); run != outer_end; ++run) {
      outer[outer_axes++] = *run;
      number *= run->size;
    }
    // All elements of a block are of one channel then, however they are counted.
    if (channels == 1) inner = 1;
  }

  // Whether a channel's terms are so few that their rounding errors do not average out.
  bool HasFewTerms() const { return number * size < 16 * all_channels; }

  // The channel that a block begins with.
  TFCUSTOMACT_FUNCTION std::size_t FirstChannel(std::size_t block) const {
    std::size_t first = 0, stride = channels;
    for (std::size_t axis = outer_axes; axis > 0; --axis) {
      const AxisRun& run = outer[axis - 1];
      if (run.is_kept) {
        first += block % run.size * stride;
        stride *= run.size;
      }
      block /= run.size;
    }
    return first;
  }

  // How many blocks begin with the same channel.
  std::size_t Repeats() const {
    std::size_t repeats = number == 0 ? 0 : 1;
    for (std::size_t axis = 0; axis < outer_axes; ++axis) repeats *= outer[axis].is_kept ? 1 : outer[axis].size;
    return repeats;
  }

  // Of the blocks that begin with the channel `first` * channels, the one with the index `repeat`.
  TFCUSTOMACT_FUNCTION std::size_t BlockOf(std::size_t first, std::size_t repeat) const {
    std::size_t block = 0, stride = 1;
    for (std::size_t axis = outer_axes; axis > 0; --axis) {
      const AxisRun& run = outer[axis - 1];
      const std::size_t index = run.is_kept ? first : repeat;
      block += index % run.size * stride;
      if (run.is_kept) first = index / run.size;
      if (!run.is_kept) repeat = index / run.size;
      stride *= run.size;
    }
    return block;
  }
};

}  // namespace tfcustomact
