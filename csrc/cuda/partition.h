// Which elements of an array each thread of a launch computes. The elements up to the first multiple of 16 bytes of the
// output, the head, are single ones; vectors of 16 bytes follow, and single elements that do not fill a vector. The
// blocks take the vectors, and one more block takes the single elements.
//
// It compiles for host and device: tests/kernels/partition.cc tries every length and alignment.
#pragma once

#include <cstddef>
#include <cstdint>

#include "csrc/numbers/function.h"

namespace tfcustomact::cuda {

class Partition {
 public:
  static constexpr unsigned kThreads = 256;
  static constexpr std::size_t kVectorBytes = 16;

  // `out` is the output's address, a multiple of the elements' size.
  constexpr Partition(std::uintptr_t out, std::size_t size, unsigned element_size)
      : size_(size), lanes_(kVectorBytes / element_size) {
    head_ = (kVectorBytes - out % kVectorBytes) % kVectorBytes / element_size;
    if (head_ > size) head_ = static_cast<unsigned>(size);
    vectors_ = (size - head_) / lanes_;
  }

  // Whether the vectors of an array at this address begin at multiples of 16 bytes.
  constexpr bool IsAlignedAt(std::uintptr_t array) const {
    return (array + head_ * (kVectorBytes / lanes_)) % kVectorBytes == 0;
  }

  // How many blocks of kThreads threads it takes, where each thread takes up to `steps` vectors.
  constexpr std::size_t Blocks(unsigned steps) const { return VectorBlocks(steps) + (Singles() > 0 ? 1 : 0); }

  // Visits a thread's elements: calls visitor.Vectors(first, stride, count) for the `count` vectors, 1 to kSteps, that
  // begin at the elements first, first + stride, ..., or visitor.Single(i) for one element.
  template <unsigned kSteps, class Visitor>
  TFCUSTOMACT_FUNCTION void Visit(std::size_t block, unsigned thread, Visitor& visitor) const {
    if (block >= VectorBlocks(kSteps)) {
      if (thread < Singles()) visitor.Single(thread < head_ ? thread : thread + vectors_ * lanes_);
      return;
    }
    const std::size_t vector = block * kSteps * kThreads + thread;
    if (vector >= vectors_) return;
    unsigned count = 1;
    for (unsigned step = 1; step < kSteps; ++step) count += vector + step * kThreads < vectors_ ? 1 : 0;
    visitor.Vectors(head_ + vector * lanes_, kThreads * lanes_, count);
  }

 private:
  constexpr TFCUSTOMACT_FUNCTION unsigned Singles() const { return static_cast<unsigned>(size_ - vectors_ * lanes_); }
  constexpr TFCUSTOMACT_FUNCTION std::size_t VectorBlocks(unsigned steps) const {
    return (vectors_ + steps * kThreads - 1) / (steps * kThreads);
  }

  std::size_t size_, vectors_ = 0;
  unsigned head_ = 0, lanes_;
};

// The same where rows of `length` elements do not follow each other. Each thread takes one vector of 16 bytes; threads
// beside each other take those of one row, and of more rows where there are few in each.
class RowPartition {
 public:
  static constexpr unsigned kThreads = Partition::kThreads;
  static constexpr std::size_t kVectorBytes = Partition::kVectorBytes;

  constexpr RowPartition(std::size_t rows, std::size_t length, unsigned element_size)
      : rows_(rows), length_(length), lanes_(kVectorBytes / element_size) {
    const std::size_t vectors = (length + lanes_ - 1) / lanes_;
    while (columns_ < kThreads && columns_ < vectors) columns_ *= 2;
    tiles_ = (vectors + columns_ - 1) / columns_;
  }

  constexpr std::size_t ThreadBlocks() const {
    const unsigned rows_of_block = kThreads / columns_;
    return (rows_ + rows_of_block - 1) / rows_of_block * tiles_;
  }

  // The `count` elements of a row from `first` on: a vector, fewer at the end of a row, or none.
  struct Part {
    std::size_t row, first;
    unsigned count;
  };
  TFCUSTOMACT_FUNCTION Part PartOf(unsigned thread_block, unsigned thread) const {
    // No more than the thread blocks, whose number has 32 bits: longer divisions take a call.
    const unsigned tiles = static_cast<unsigned>(tiles_);
    const std::size_t row = std::size_t{thread_block / tiles} * (kThreads / columns_) + thread / columns_;
    const std::size_t first = (std::size_t{thread_block % tiles} * columns_ + thread % columns_) * lanes_;
    if (row >= rows_ || first >= length_) return {0, 0, 0};
    return {row, first, length_ - first < lanes_ ? static_cast<unsigned>(length_ - first) : lanes_};
  }

 private:
  std::size_t rows_, length_, tiles_ = 0;
  unsigned lanes_, columns_ = 1;
};

}  // namespace tfcustomact::cuda
