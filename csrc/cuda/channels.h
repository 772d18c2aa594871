// Which elements each thread of a launch computes where there is one number per channel, and which partial sums belong
// to a channel.
//
// The elements of a block (csrc/passes/blocks.h) lie in rows, which begin with the block's first channel; the last row
// may be shorter. Thread blocks have 32 threads side by side, and 8 such rows of threads. Each thread goes down some
// columns, its lanes: neighbours, which it can read as vectors, where these divide the rows, else one of every 32. The
// elements of a column all belong to one channel. The thread block adds up the sums of its threads. What is summed in
// which order depends on the shape and the type of the elements alone.
//
// It compiles for host and device: tests/kernels/channels.cc runs it on the host.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "csrc/numbers/function.h"
#include "csrc/passes/blocks.h"

namespace tfcustomact::cuda {

class ChannelPartition {
 public:
  static constexpr unsigned kThreads = 256, kThreadsOfRow = 32, kRows = kThreads / kThreadsOfRow;

  // `lanes` is the number of a thread's columns. If `row` is not 0, it is the length of the arrays' last axis, whose
  // rows do not follow each other.
  ChannelPartition(const std::vector<AxisRun>& runs, unsigned lanes, std::size_t row = 0)
      : blocks_(runs, row), lanes_(lanes) {
    // Short rows that do not fill the columns of thread blocks are put side by side.
    const std::size_t period = blocks_.channels * blocks_.inner, columns = Columns();
    const std::size_t tiles = period < 32 * columns ? columns / std::gcd(columns, period) : 1;
    periods_ = row != 0 ? row / period : std::min(tiles, DivideUp(blocks_.size, period));
    length_ = periods_ * period;
    column_tiles_ = DivideUp(length_, columns);
    has_vectors_ = length_ % lanes == 0 && blocks_.size % lanes == 0;
    const std::size_t rows = DivideUp(blocks_.size, length_);
    // A thread has 16 rows, if there are so many; or more, since kManyBlocks thread blocks keep every device busy.
    constexpr std::size_t kMinRows = 16 * kRows, kManyBlocks = 4096;
    const std::size_t all = blocks_.number * column_tiles_ * rows;
    rows_of_group_ = std::max(kMinRows, DivideUp(all, kManyBlocks));
    row_groups_ = DivideUp(rows, rows_of_group_);
  }

  std::size_t ThreadBlocks() const { return blocks_.number * row_groups_ * column_tiles_; }
  TFCUSTOMACT_FUNCTION std::size_t Channels() const { return blocks_.all_channels; }

  bool HasFewTerms() const { return blocks_.HasFewTerms(); }

  // Whether a thread's columns are neighbours.
  TFCUSTOMACT_FUNCTION bool HasVectors() const { return has_vectors_; }

  // A thread's columns. The first `lanes` of them have elements: `count`, but from `full_lanes` on one less. Those of
  // the first column are first, first + stride, ..., which have the number `in_row` in their rows; the others' are
  // further on by multiples of `between`.
  struct Work {
    std::size_t first, stride, count, in_row, first_channel;
    unsigned lanes, full_lanes, between;

    TFCUSTOMACT_FUNCTION bool Has(std::size_t number, unsigned lane) const {
      return lane < full_lanes || (lane < lanes && number + 1 < count);
    }

    // Where the element number i is in the half of an array whose other half has rows as long.
    TFCUSTOMACT_FUNCTION std::size_t InHalf(std::size_t i) const { return 2 * i - in_row; }
  };
  TFCUSTOMACT_FUNCTION Work WorkOf(unsigned thread_block, unsigned thread) const {
    // No more than the thread blocks, whose number has 32 bits: longer divisions take a call.
    const unsigned tiles = static_cast<unsigned>(column_tiles_), groups = static_cast<unsigned>(row_groups_);
    const std::size_t column = std::size_t{thread_block % tiles} * Columns() + ColumnOf(thread, 0);
    const std::size_t block = thread_block / tiles / groups, begin = thread_block / tiles % groups * rows_of_group_;
    const std::size_t end = Min((begin + rows_of_group_) * length_, blocks_.size);
    const std::size_t first = (begin + thread / kThreadsOfRow) * length_ + column, stride = kRows * length_;
    const std::size_t count = column < length_ && first < end ? (end - 1 - first) / stride + 1 : 0;
    Work work = {block * blocks_.size + first, stride, count, column, blocks_.FirstChannel(block), lanes_, lanes_, 1};
    if (!has_vectors_) {
      work.between = kThreadsOfRow;
      // The last row may end between two columns.
      const std::size_t last = first + (count - 1) * stride;
      while (work.lanes > 1 && column + (work.lanes - 1) * work.between >= length_) --work.lanes;
      work.full_lanes = work.lanes;
      while (work.full_lanes > 1 && last + (work.full_lanes - 1) * work.between >= end) --work.full_lanes;
    }
    return work;
  }

  // The channels of a thread's columns, one after the other; any of the block's where it has no such column.
  struct Walk {
    std::size_t first, channels, inner, channel, element;
    unsigned between;

    TFCUSTOMACT_FUNCTION std::size_t Next() {
      const std::size_t found = first + channel;
      for (element += between; element >= inner; element -= inner) channel = channel + 1 < channels ? channel + 1 : 0;
      return found;
    }
  };
  TFCUSTOMACT_FUNCTION Walk ChannelsOf(const Work& work) const {
    const std::size_t inner = blocks_.inner, channels = blocks_.channels;
    return {work.first_channel, channels, inner, work.in_row / inner % channels, work.in_row % inner, work.between};
  }

  // The number of a thread's column among those of its thread block.
  TFCUSTOMACT_FUNCTION unsigned ColumnOf(unsigned thread, unsigned lane) const {
    const unsigned in_row = thread % kThreadsOfRow;
    return has_vectors_ ? in_row * lanes_ + lane : in_row + lane * kThreadsOfRow;
  }

  // The partial sums that each thread block writes, one for each of its columns, or one if all are of one channel.
  TFCUSTOMACT_FUNCTION bool IsOfOneChannel() const { return blocks_.channels == 1; }
  TFCUSTOMACT_FUNCTION unsigned SumsOfThreadBlock() const { return IsOfOneChannel() ? 1 : Columns(); }
  std::size_t PartialSums() const { return ThreadBlocks() * SumsOfThreadBlock(); }

  // The number of partial sums of each channel, and where they are.
  std::size_t PartialSumsOfChannel() const { return blocks_.Repeats() * row_groups_ * ColumnsOfChannel(); }
  TFCUSTOMACT_FUNCTION std::size_t PartialSum(std::size_t channel, std::size_t i) const {
    const std::size_t columns = ColumnsOfChannel(), on_columns = i % columns;
    i /= columns;
    const std::size_t group = i % row_groups_, repeat = i / row_groups_;
    const std::size_t period = on_columns / blocks_.inner,
                      in_block = period * blocks_.channels + channel % blocks_.channels;
    const std::size_t column = in_block * blocks_.inner + on_columns % blocks_.inner;
    const std::size_t block = blocks_.BlockOf(channel / blocks_.channels, repeat);
    const std::size_t tile = IsOfOneChannel() ? on_columns : column / Columns();
    const std::size_t thread_block = (block * row_groups_ + group) * column_tiles_ + tile;
    return thread_block * SumsOfThreadBlock() + column % SumsOfThreadBlock();
  }

 private:
  static constexpr TFCUSTOMACT_FUNCTION std::size_t DivideUp(std::size_t a, std::size_t b) { return (a + b - 1) / b; }
  static constexpr TFCUSTOMACT_FUNCTION std::size_t Min(std::size_t a, std::size_t b) { return a < b ? a : b; }

  // Of a thread block.
  TFCUSTOMACT_FUNCTION unsigned Columns() const { return kThreadsOfRow * lanes_; }

  // In a row of partial sums.
  TFCUSTOMACT_FUNCTION std::size_t ColumnsOfChannel() const {
    return IsOfOneChannel() ? column_tiles_ : periods_ * blocks_.inner;
  }

  Blocks blocks_;
  std::size_t periods_, length_, column_tiles_, rows_of_group_, row_groups_;
  unsigned lanes_;
  bool has_vectors_;
};

// How the partial sums are added up: several threads for each channel, whose numbers are equal modulo the channels of a
// thread block.
class FoldPartition {
 public:
  static constexpr unsigned kThreads = ChannelPartition::kThreads;

  FoldPartition(std::size_t channels, std::size_t partial_sums) : channels_(channels), partial_sums_(partial_sums) {
    while (channels_of_thread_block_ > 1 && kThreads / channels_of_thread_block_ * kSumsOfThread < partial_sums) {
      channels_of_thread_block_ /= 2;
    }
  }

  std::size_t ThreadBlocks() const { return (channels_ + channels_of_thread_block_ - 1) / channels_of_thread_block_; }

  TFCUSTOMACT_FUNCTION unsigned ChannelsOfThreadBlock() const { return channels_of_thread_block_; }

  // A thread adds the partial sums first, first + stride, ..., up to `end`, of a channel; those that begin at `end`
  // none.
  struct Part {
    std::size_t channel, first, stride, end;
  };
  TFCUSTOMACT_FUNCTION Part PartOf(std::size_t thread_block, unsigned thread) const {
    const std::size_t channel = thread_block * channels_of_thread_block_ + thread % channels_of_thread_block_;
    const std::size_t stride = kThreads / channels_of_thread_block_, first = thread / channels_of_thread_block_;
    return {channel, first, stride, channel < channels_ ? partial_sums_ : 0};
  }

 private:
  static constexpr std::size_t kSumsOfThread = 4;

  std::size_t channels_, partial_sums_;
  unsigned channels_of_thread_block_ = kThreads;
};

}  // namespace tfcustomact::cuda
