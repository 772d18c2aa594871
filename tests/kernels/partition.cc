// How the CUDA kernels divide an array among threads: each element is visited once and none outside, vectors of the
// output begin at multiples of 16 bytes, and so do those of the inputs that are read as such; for every alignment of
// every array, lengths from 0, and around 2^31, 2^32 and 2^36 elements; and the same for rows that do not follow each
// other.
#include "csrc/cuda/partition.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace {

using tfcustomact::cuda::Partition;
using tfcustomact::cuda::RowPartition;

constexpr std::uintptr_t kOut = std::uintptr_t{1} << 40;

// Counts the visits of the elements in [begin, begin + size of `visits`), and those that should not be.
struct Counter {
  std::uint64_t size, begin;
  unsigned element_size, steps;
  std::uintptr_t out;
  std::vector<unsigned char> visits;
  std::uint64_t wrong = 0;

  void Single(std::uint64_t i) { Mark(i); }

  void Vectors(std::uint64_t first, std::uint64_t stride, unsigned count) {
    if (count == 0 || count > steps) ++wrong;
    for (unsigned step = 0; step < count; ++step) {
      const std::uint64_t vector = first + step * stride;
      if ((out + vector * element_size) % 16 != 0) ++wrong;
      for (unsigned lane = 0; lane < 16 / element_size; ++lane) Mark(vector + lane);
    }
  }

 private:
  void Mark(std::uint64_t i) {
    if (i >= size) ++wrong;
    if (i >= begin && i - begin < visits.size() && ++visits[i - begin] > 1) ++wrong;
  }
};

template <unsigned kSteps>
bool VisitsAll(std::uint64_t size, unsigned element_size, unsigned misalignment) {
  const std::uintptr_t out = kOut + misalignment;
  const Partition partition(out, size, element_size);
  Counter counter = {size, 0, element_size, kSteps, out, std::vector<unsigned char>(size)};
  for (std::uint64_t block = 0; block < partition.Blocks(kSteps); ++block) {
    for (unsigned thread = 0; thread < Partition::kThreads; ++thread) partition.Visit<kSteps>(block, thread, counter);
  }
  const bool all = std::count(counter.visits.begin(), counter.visits.end(), 1) == static_cast<std::int64_t>(size);
  if (!all || counter.wrong != 0)
    std::printf("%llu elements of %u bytes, %u bytes off, %u steps: FAILS\n", static_cast<unsigned long long>(size),
                element_size, misalignment, kSteps);
  return all && counter.wrong == 0;
}

// The same for the elements around 0, 2^31, 2^32 and the last, and the blocks that have them.
template <unsigned kSteps>
bool VisitsAllOfMany(std::uint64_t size, unsigned element_size, unsigned misalignment) {
  const std::uintptr_t out = kOut + misalignment;
  const Partition partition(out, size, element_size);
  const std::uint64_t blocks = partition.Blocks(kSteps), in_block = kSteps * Partition::kThreads * 16 / element_size;
  std::uint64_t wrong = 0;
  for (const std::uint64_t middle : {std::uint64_t{0}, std::uint64_t{1} << 31, std::uint64_t{1} << 32, size}) {
    const std::uint64_t begin = middle < 2 * in_block ? 0 : middle - 2 * in_block,
                        end = std::min(size, begin + 4 * in_block);
    if (begin >= end) continue;
    Counter counter = {size, begin, element_size, kSteps, out, std::vector<unsigned char>(end - begin)};
    const std::uint64_t last = std::min(blocks, end / in_block + 1);
    for (std::uint64_t block = begin / in_block - (begin < in_block ? 0 : 1); block < last; ++block) {
      for (unsigned thread = 0; thread < Partition::kThreads; ++thread) partition.Visit<kSteps>(block, thread, counter);
    }
    if (last < blocks) {
      for (unsigned thread = 0; thread < Partition::kThreads; ++thread)
        partition.Visit<kSteps>(blocks - 1, thread, counter);
    }
    wrong += counter.wrong;
    wrong += counter.visits.size() - std::count(counter.visits.begin(), counter.visits.end(), 1);
  }
  if (wrong != 0)
    std::printf("%llu elements of %u bytes, %u bytes off, %u steps: FAILS\n", static_cast<unsigned long long>(size),
                element_size, misalignment, kSteps);
  return wrong == 0;
}

// Inputs are read 16 bytes at a time exactly where their vectors begin at multiples of 16 bytes.
bool KnowsWideInputs(unsigned element_size, unsigned misalignment) {
  bool knows = true;
  for (std::uint64_t size = 0; size < 40; ++size) {
    const Partition partition(kOut + misalignment, size, element_size);
    for (unsigned other = 0; other < 16; other += element_size) {
      struct First {
        std::uint64_t at = 0;
        bool found = false;
        void Single(std::uint64_t) {}
        void Vectors(std::uint64_t first, std::uint64_t, unsigned) { *this = {first, true}; }
      } first;
      partition.Visit<1>(0, 0, first);
      if (!first.found) continue;
      knows = knows && partition.IsAlignedAt(kOut + other) == ((kOut + other + first.at * element_size) % 16 == 0);
    }
  }
  if (!knows) std::printf("inputs beside an output %u bytes off: FAILS\n", misalignment);
  return knows;
}

// Of rows, whose vectors begin with the row.
bool VisitsAllRows(std::uint64_t rows, std::uint64_t length, unsigned element_size) {
  const RowPartition partition(rows, length, element_size);
  std::vector<unsigned char> visits(rows * length);
  std::uint64_t wrong = 0;
  for (unsigned block = 0; block < partition.ThreadBlocks(); ++block) {
    for (unsigned thread = 0; thread < RowPartition::kThreads; ++thread) {
      const RowPartition::Part part = partition.PartOf(block, thread);
      const std::uint64_t lanes = 16 / element_size, rest = length - part.first;
      if (part.count > 0 && (part.first % lanes != 0 || part.count != std::min(lanes, rest))) ++wrong;
      for (std::uint64_t i = part.first; i < part.first + part.count; ++i) {
        if (part.row >= rows || i >= length || ++visits[part.row * length + i] > 1) ++wrong;
      }
    }
  }
  const bool all = std::count(visits.begin(), visits.end(), 1) == static_cast<std::int64_t>(visits.size());
  if (!all || wrong != 0)
    std::printf("%llu rows of %llu elements of %u bytes: FAILS\n", static_cast<unsigned long long>(rows),
                static_cast<unsigned long long>(length), element_size);
  return all && wrong == 0;
}

}  // namespace

int main() {
  bool holds = true;
  for (unsigned element_size : {2u, 4u, 8u}) {
    for (unsigned misalignment = 0; misalignment < 16; misalignment += element_size) {
      for (std::uint64_t size = 0; size < 600; ++size) holds &= VisitsAll<1>(size, element_size, misalignment);
      const std::uint64_t in_block = Partition::kThreads * 16 / element_size;
      for (std::uint64_t blocks : {1, 2, 4, 5, 8, 12}) {
        for (std::uint64_t size = blocks * in_block - 20; size < blocks * in_block + 20; ++size)
          holds &= VisitsAll<2>(size, element_size, misalignment) && VisitsAll<4>(size, element_size, misalignment);
      }
      for (std::uint64_t power : {std::uint64_t{1} << 31, std::uint64_t{1} << 32, std::uint64_t{1} << 36}) {
        for (std::uint64_t size = power - 20; size < power + 20; ++size)
          holds &= VisitsAllOfMany<2>(size, element_size, misalignment) &&
                   VisitsAllOfMany<4>(size, element_size, misalignment);
      }
      holds &= KnowsWideInputs(element_size, misalignment);
    }
    for (std::uint64_t rows : {0, 1, 7, 8, 9, 300}) {
      for (std::uint64_t length : {1, 7, 8, 63, 64, 65, 256, 1000, 1024, 1025, 5000}) {
        holds &= VisitsAllRows(rows, length, element_size);
      }
    }
  }
  std::printf("%s\n", holds ? "every element is visited once" : "FAILED");
  return holds ? 0 : 1;
}
