// Runs a loop, which computes one step at a time, over a range of arrays of any length.
#pragma once

#include <cstdint>
#include <cstring>

#include "csrc/cpu/elements.h"
#include "csrc/cpu/pointers.h"
#include "csrc/passes/passes.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

// Runs a loop over consecutive elements. Where they do not fill a step, at the end, they go through a padded copy.
// Non-temporal stores need aligned vectors: the elements before the first of these go through a padded copy too.
template <class Loop, class Pass, typename T>
void RunRange(const Loop& loop, const Pointers<Pass, T>& at, std::size_t begin, std::size_t end, Access access) {
  constexpr int kInputs = passes::kInputsOf<Pass>, kOutputs = passes::kOutputsOf<Pass>;
  const std::size_t step = Loop::Step();
  const auto run_some = [&](std::size_t i, std::size_t count) {
    if (count == 0) return;
    constexpr std::size_t kMaxStep = 8 * HWY_MAX_BYTES / sizeof(float);
    constexpr std::size_t kRow = Pass::kRow == Row::kNone ? 1 : kMaxStep, kSums = Pass::kHasSum ? kMaxStep : 1;
    T in_copies[kInputs][kMaxStep] = {}, out_copies[kOutputs][kMaxStep];
    LaneOf<T> row_copy[Loop::kRowParts][kRow];
    float few_terms[kSums] = {};
    double sums[kSums] = {}, errors[kSums] = {};
    Pointers<Pass, T> some;
    for (int k = 0; k < kInputs; ++k) {
      std::memcpy(in_copies[k], at.in[k] + i, count * sizeof(T));
      some.in[k] = in_copies[k];
    }
    for (int k = 0; k < kOutputs; ++k) some.out[k] = out_copies[k];
    if constexpr (Pass::kRow != Row::kNone) {
      for (int part = 0; part < Loop::kRowParts; ++part) {
        std::memcpy(row_copy[part], at.row + part * at.row_pitch + i, count * sizeof(LaneOf<T>));
        // The results of the padding are not used, but a parameter of 0 in it would be beyond the reach.
        for (std::size_t k = count; k < step; ++k) row_copy[part][k] = 1;
      }
    }
    some.row = row_copy[0];
    some.row_pitch = kRow;
    some.few_terms = few_terms;
    some.sums = sums;
    some.errors = errors;
    loop.Run(some, 0, Access::kCached);
    for (int k = 0; k < kOutputs; ++k) std::memcpy(at.out[k] + i, out_copies[k], count * sizeof(T));
    if constexpr (Pass::kHasSum) {
      for (std::size_t k = 0; k < count; ++k) {
        AddNumber(sums[k] + few_terms[k], errors[k], at.sums + i + k, at.errors + i + k, T());
      }
    }
  };

  std::size_t i = begin;
  if (Loop::kIsBoundByMemory && IsNonTemporal(access)) {
    const std::size_t vector = hn::Lanes(FloatD()) * sizeof(float);
    const auto bytes_before_vector = [&](const T* array) {
      return (vector - reinterpret_cast<std::uintptr_t>(array + begin) % vector) % vector;
    };
    const std::size_t bytes = bytes_before_vector(at.out[0]), head = bytes / sizeof(T);
    bool can_be_aligned = bytes % sizeof(T) == 0 && head <= end - begin;
    for (int k = 1; k < kOutputs; ++k) can_be_aligned &= bytes_before_vector(at.out[k]) == bytes;
    if (can_be_aligned) {
      run_some(begin, head);
      i += head;
    } else {
      access = WithOrdinaryStores(access);
    }
  }
  for (; i + step <= end; i += step) {
    if (Loop::kIsBoundByMemory && Prefetches(access)) {
      for (int k = 0; k < kInputs; ++k) Fetch(at.in[k] + i, step, access);
    }
    loop.Run(at, i, access);
  }
  run_some(i, end - i);
}

// Whether every row of every output begins with a vector's first element.
template <class Pass, typename T>
bool RowsAreAligned(const Pointers<Pass, T>& at, const Rows& rows) {
  const std::size_t vector = hn::Lanes(FloatD()) * sizeof(float);
  bool are_aligned = true;
  for (int k = 0; k < passes::kOutputsOf<Pass>; ++k) {
    are_aligned &=
        reinterpret_cast<std::uintptr_t>(at.out[k]) % vector == 0 && rows.out_pitches[k] * sizeof(T) % vector == 0;
  }
  return are_aligned;
}

// So many terms that were computed in float32 are summed in float32 before their sum is added in float64, which takes
// three times as many operations. The roundings of three additions add less to a sum's error than its terms have. Where
// the process flushes subnormal numbers to zero, as TensorFlow does, a sum of few terms below 2^-126 is 0 as well.
constexpr std::size_t kFewTerms = 4;

// Runs a loop over the elements of rows.
template <class Loop, class Pass, typename T>
void RunRows(const Loop& loop, const Pointers<Pass, T>& at, const Rows& rows, std::size_t begin, std::size_t end,
             Access access) {
  // Copies at both ends of every row would take longer than non-temporal stores save.
  if (IsNonTemporal(access) && !RowsAreAligned(at, rows)) access = WithOrdinaryStores(access);
  for (std::size_t rows_done = 0; begin < end;) {
    const std::size_t row = begin / rows.length, column = begin % rows.length;
    const std::size_t last = rows.length - column < end - begin ? rows.length : column + (end - begin);
    Pointers<Pass, T> at_row = at;
    for (int k = 0; k < passes::kInputsOf<Pass>; ++k) at_row.in[k] += row * rows.in_pitches[k];
    for (int k = 0; k < passes::kOutputsOf<Pass>; ++k) at_row.out[k] += row * rows.out_pitches[k];
    RunRange(loop, at_row, column, last, access);
    begin += last - column;
    if constexpr (Loop::kAddsFewTerms) {
      if (++rows_done % kFewTerms == 0 || begin == end) MoveSums(at.few_terms, at.sums, rows.length);
    }
  }
}

// Runs a loop over the elements of rows with numbers of their own.
template <class Loop, class Pass, typename T>
void RunRowsWithNumbers(const Loop& loop, Pointers<Pass, T> at, const Rows& rows, std::size_t begin, std::size_t end,
                        Access access) {
  alignas(cpu::kCacheLine) LaneOf<T> parts[Loop::kRowParts > 1 ? Loop::kRowParts * kMaxRow : 1];
  alignas(cpu::kCacheLine) float few_terms[Loop::kAddsFewTerms ? kMaxRow : 1];
  if constexpr (Loop::kRowParts > 1) {
    // Side by side: at distances of kMaxRow they would displace each other from the first-level cache.
    constexpr std::size_t kLine = cpu::kCacheLine / sizeof(LaneOf<T>);
    at.row_pitch = (rows.length + kLine - 1) / kLine * kLine;
    Loop::ComputeParts(at.row, rows.length, parts, at.row_pitch);
    at.row = parts;
  }
  if constexpr (Loop::kAddsFewTerms) {
    std::memset(few_terms, 0, rows.length * sizeof(float));
    at.few_terms = few_terms;
  }
  RunRows(loop, at, rows, begin, end, access);
}

template <class Loop>
void Run(const Arguments& arguments, std::size_t begin, std::size_t end, Access access) {
  using Pass = typename Loop::Pass;
  using T = typename Loop::Element;
  const Rows& rows = arguments.rows;
  Pointers<Pass, T> at;
  for (int k = 0; k < passes::kInputsOf<Pass>; ++k) at.in[k] = static_cast<const T*>(arguments.in[k]);
  for (int k = 0; k < passes::kOutputsOf<Pass>; ++k) at.out[k] = static_cast<T*>(arguments.out[k]);
  at.row = static_cast<const LaneOf<T>*>(rows.row);
  at.sums = rows.sums;
  at.errors = rows.errors;
  at.row_pitch = 0;
  at.few_terms = nullptr;
  const Loop loop(arguments);
  if constexpr (Pass::kRow != Row::kNone) {
    RunRowsWithNumbers(loop, at, rows, begin, end, access);
  } else if (!passes::kHasRows<Pass> || rows.length == 0) {
    RunRange(loop, at, begin, end, access);
  } else if constexpr (passes::kHasRows<Pass>) {
    RunRows(loop, at, rows, begin, end, access);
  }
  if (Loop::kIsBoundByMemory && IsNonTemporal(access)) hwy::FlushStream();
}

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
