// What a thread does where there is one number per channel. It compiles for host and device, so that the tests on the
// host run the CUDA kernels' own loop.
#pragma once

#include <cstddef>
#include <utility>

#include "csrc/cuda/channels.h"
#include "csrc/cuda/storage.h"
#include "csrc/numbers/function.h"
#include "csrc/numbers/sums.h"

namespace tfcustomact::cuda {

// What a thread reads of an array at once, if it can read vectors: two numbers of float32 and float64, four halves. In
// vectors of 16 bytes, the numbers of as many channels leave float32's kernels too few registers.
constexpr unsigned VectorBytes(unsigned element_size) { return element_size == 8 ? 16 : 8; }
constexpr unsigned LanesOf(unsigned element_size) { return VectorBytes(element_size) / element_size; }

// The vectors that a thread takes of each array at a time: no more numbers than the registers have room for.
template <class Element, typename T>
constexpr unsigned StepsOfColumns() {
  constexpr int kArrays = Element::kInputs + Element::kOutputs;
  if (sizeof(T) == sizeof(double)) return 1;
  if (sizeof(T) == sizeof(float)) return 4;
  if (kArrays == 2) return Element::kHasOwnDivisors ? 2 : 4;
  return kArrays == 3 ? 2 : 1;
}

// The arrays of a launch with one number per channel.
template <class Element, typename T>
struct ChannelArrays {
  using Number = typename Element::Number;

  const T* in[Element::kInputs];
  T* out[Element::kOutputs];
  const void* row;
  bool row_is_float32;
  // Whether the last two inputs, and the outputs if there are two, are the halves of one array's rows.
  bool is_packed;
  // Whether vectors of all arrays begin at multiples of their size.
  bool is_aligned;
  SumOf<Number>* partial_sums;

  TFCUSTOMACT_FUNCTION Number RowAt(std::size_t channel) const {
    if (sizeof(T) < sizeof(float) && row_is_float32) return static_cast<const float*>(row)[channel];
    return ToNumber(static_cast<const T*>(row)[channel]);
  }
};

// The columns of a thread, its lanes.
template <class Element, typename T>
class Columns {
  using Number = typename Element::Number;
  using Pass = typename Element::Pass;
  using V = Vector<T, VectorBytes(sizeof(T))>;
  static constexpr int kInputs = Element::kInputs, kOutputs = Element::kOutputs;
  static constexpr unsigned kSteps = StepsOfColumns<Element, T>();

 public:
  static constexpr unsigned kLanes = V::kLanes;
  using Sums = SumOf<Number>[kLanes];

  TFCUSTOMACT_FUNCTION Columns(const Element& element, const ChannelArrays<Element, T>& arrays,
                               const ChannelPartition& partition, unsigned thread_block, unsigned thread)
      : element_(element), arrays_(arrays), partition_(partition), work_(partition.WorkOf(thread_block, thread)) {}

  // Computes the thread's elements, and adds up the terms of each column, if the pass has sums.
  TFCUSTOMACT_FUNCTION void Apply(Sums& sums) const { Apply(sums, std::make_index_sequence<kLanes>()); }

 private:
  template <std::size_t... kLane>
  TFCUSTOMACT_FUNCTION void Apply(Sums& sums, std::index_sequence<kLane...>) const {
    ChannelPartition::Walk channels = partition_.ChannelsOf(work_);
    // In the order in which they are written.
    const Element of_lane[] = {(static_cast<void>(kLane), OfChannel(channels.Next()))...};
    for (std::size_t done = 0; done < work_.count; done += kSteps) {
      const std::size_t remaining = work_.count - done;
      const unsigned count = remaining < kSteps ? static_cast<unsigned>(remaining) : kSteps;
      // Steps from `count` on repeat the first one's work, and do not store it.
      V in[kInputs][kSteps];
#pragma unroll
      for (int k = 0; k < kInputs; ++k) {
#pragma unroll
        for (unsigned step = 0; step < kSteps; ++step) in[k][step] = Load(k, done + (step < count ? step : 0));
      }
      bool reached = true;
#pragma unroll
      for (unsigned step = 0; step < kSteps; ++step) {
#pragma unroll
        for (unsigned lane = 0; lane < kLanes; ++lane) {
          reached &= of_lane[lane].Reaches(ToNumber(in[Pass::kX][step].lanes[lane]));
        }
      }
      if (!reached) {
        OneByOne(done, count, sums);
        continue;
      }
#pragma unroll
      for (unsigned step = 0; step < kSteps; ++step) {
        V out[kOutputs];
        typename Element::Results results[kLanes];
#pragma unroll
        for (unsigned lane = 0; lane < kLanes; ++lane) {
          Number numbers[kInputs];
#pragma unroll
          for (int k = 0; k < kInputs; ++k) numbers[k] = ToNumber(in[k][step].lanes[lane]);
          results[lane] = of_lane[lane].OfReached(numbers);
#pragma unroll
          for (int k = 0; k < kOutputs; ++k) FromNumber(results[lane].out[k], &out[k].lanes[lane]);
        }
        if (step < count) {
#pragma unroll
          for (int k = 0; k < kOutputs; ++k) Store(out[k], k, done + step);
          if constexpr (Pass::kHasSum) {
#pragma unroll
            for (unsigned lane = 0; lane < kLanes; ++lane) {
              if (work_.Has(done + step, lane)) sums[lane].Add(results[lane].term);
            }
          }
        }
      }
    }
  }

  TFCUSTOMACT_FUNCTION Element OfChannel(std::size_t channel) const {
    return element_.OfChannel(arrays_.RowAt(channel));
  }

  // Where the element with this number of the first column is.
  TFCUSTOMACT_FUNCTION std::size_t PlaceOf(std::size_t number, bool may_be_half) const {
    const std::size_t i = work_.first + number * work_.stride;
    if constexpr (Pass::kPackedOp != nullptr) return arrays_.is_packed && may_be_half ? work_.InHalf(i) : i;
    return i;
  }
  TFCUSTOMACT_FUNCTION const T* InputAt(int k, std::size_t number) const {
    return &arrays_.in[k][PlaceOf(number, k >= kInputs - 2)];
  }
  TFCUSTOMACT_FUNCTION T* OutputAt(int k, std::size_t number) const {
    return &arrays_.out[k][PlaceOf(number, kOutputs == 2)];
  }

  TFCUSTOMACT_FUNCTION bool HasVectors() const { return arrays_.is_aligned && partition_.HasVectors(); }

  // Lanes without an element repeat the first one's work.
  TFCUSTOMACT_FUNCTION V Load(int k, std::size_t number) const {
    const T* const from = InputAt(k, number);
    if (HasVectors()) return V::Load(from);
    V vector;
#pragma unroll
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      vector.lanes[lane] = from[work_.Has(number, lane) ? lane * work_.between : 0];
    }
    return vector;
  }
  TFCUSTOMACT_FUNCTION void Store(const V& vector, int k, std::size_t number) const {
    T* const to = OutputAt(k, number);
    if (HasVectors()) {
      vector.Store(to);
      return;
    }
#pragma unroll
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      if (work_.Has(number, lane)) to[lane * work_.between] = vector.lanes[lane];
    }
  }

  // `count` elements of each column from this number on.
  TFCUSTOMACT_FUNCTION void OneByOne(std::size_t number, unsigned count, Sums& sums) const {
    ChannelPartition::Walk channels = partition_.ChannelsOf(work_);
#pragma unroll 1
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      const Element element = OfChannel(channels.Next());
#pragma unroll 1
      for (std::size_t n = number; n < number + count; ++n) {
        if (!work_.Has(n, lane)) continue;
        Number in[kInputs];
#pragma unroll
        for (int k = 0; k < kInputs; ++k) in[k] = ToNumber(InputAt(k, n)[lane * work_.between]);
        const auto results = element.OfAny(in);
#pragma unroll
        for (int k = 0; k < kOutputs; ++k) FromNumber(results.out[k], &OutputAt(k, n)[lane * work_.between]);
        if constexpr (Pass::kHasSum) {
          // A sum whose index the compiler does not know would lie in memory.
#pragma unroll
          for (unsigned other = 0; other < kLanes; ++other) {
            if (other == lane) sums[other].Add(results.term);
          }
        }
      }
    }
  }

  const Element& element_;
  const ChannelArrays<Element, T>& arrays_;
  const ChannelPartition& partition_;
  const ChannelPartition::Work work_;
};

}  // namespace tfcustomact::cuda
