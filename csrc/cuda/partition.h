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

}  // namespace tfcustomact::cuda
