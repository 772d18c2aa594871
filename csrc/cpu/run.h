// Runs a loop, which computes one step at a time, over a range of arrays of any length.
#pragma once

#include <cstdint>
#include <cstring>

#include "csrc/cpu/elements.h"
#include "csrc/passes/passes.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

// `arguments` is an Arguments, or a struct like it with more arrays. Where the elements do not fill a step, at the end
// of the range, they go through a padded copy. Non-temporal stores need aligned vectors: the elements before the first
// of these go through a padded copy too.
template <class Loop, class SomeArguments>
void Run(const SomeArguments& arguments, std::size_t begin, std::size_t end, Access access) {
  using T = typename Loop::Element;
  constexpr int kInputs = passes::kInputsOf<typename Loop::Pass>, kOutputs = passes::kOutputsOf<typename Loop::Pass>;
  const T* in[kInputs];
  T* out[kOutputs];
  for (int k = 0; k < kInputs; ++k) in[k] = static_cast<const T*>(arguments.in[k]);
  for (int k = 0; k < kOutputs; ++k) out[k] = static_cast<T*>(arguments.out[k]);
  const Loop loop(arguments.parameter);
  const std::size_t step = Loop::Step();
  const auto run_some = [&](std::size_t i, std::size_t count) {
    if (count == 0) return;
    constexpr std::size_t kMaxStep = 8 * HWY_MAX_BYTES / sizeof(float);
    T in_copies[kInputs][kMaxStep] = {}, out_copies[kOutputs][kMaxStep];
    const T* in_some[kInputs];
    T* out_some[kOutputs];
    for (int k = 0; k < kInputs; ++k) {
      std::memcpy(in_copies[k], in[k] + i, count * sizeof(T));
      in_some[k] = in_copies[k];
    }
    for (int k = 0; k < kOutputs; ++k) out_some[k] = out_copies[k];
    loop.Run(in_some, out_some, 0, Access::kCached);
    for (int k = 0; k < kOutputs; ++k) std::memcpy(out[k] + i, out_copies[k], count * sizeof(T));
  };

  std::size_t i = begin;
  if (Loop::kIsBoundByMemory && access == Access::kNonTemporal) {
    const std::size_t vector = hn::Lanes(FloatD()) * sizeof(float);
    const auto bytes_before_vector = [&](const T* array) {
      return (vector - reinterpret_cast<std::uintptr_t>(array + begin) % vector) % vector;
    };
    const std::size_t bytes = bytes_before_vector(out[0]), head = bytes / sizeof(T);
    bool can_be_aligned = bytes % sizeof(T) == 0 && head <= end - begin;
    for (int k = 1; k < kOutputs; ++k) can_be_aligned &= bytes_before_vector(out[k]) == bytes;
    if (can_be_aligned) {
      run_some(begin, head);
      i += head;
    } else {
      access = Access::kFetchAhead;
    }
  }
  for (; i + step <= end; i += step) {
    if (Loop::kIsBoundByMemory && access != Access::kCached) {
      for (int k = 0; k < kInputs; ++k) FetchAhead(in[k] + i, step);
    }
    loop.Run(in, out, i, access);
  }
  run_some(i, end - i);
  if (Loop::kIsBoundByMemory && access == Access::kNonTemporal) hwy::FlushStream();
}

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
