// The CUDA kernels of the passes over arrays: one per pass of an activation and dtype.
#include <cuda_runtime_api.h>

#include "csrc/cuda/elements.h"
#include "csrc/cuda/kernels.h"
#include "csrc/cuda/launch.h"
#include "csrc/cuda/launchers.h"
#include "csrc/cuda/partition.h"
#include "csrc/cuda/storage.h"

namespace tfcustomact::cuda {
namespace {

// The vectors that a thread takes of each array: four loads in flight. Of a value two: float64 numbers would spill
// registers, and with the eight numbers of a vector of halves it took 3 % more time at 2^27 on an H200, and 5 % at
// 2^24.
template <class Element, typename T>
constexpr unsigned kStepsOf = sizeof(T) != sizeof(float) && Element::kInputs == 1 ? 2 : 4 / Element::kInputs;

// A launch's arrays. Inputs whose vectors do not begin at multiples of 16 bytes are read one element at a time.
template <class Element, typename T>
struct Arrays {
  const T* in[Element::kInputs];
  T* out[Element::kOutputs];
  bool in_is_aligned[Element::kInputs];
};

template <class Element, typename T, unsigned kSteps>
struct Visitor {
  using V = Vector<T>;
  using Number = typename Element::Number;
  static constexpr int kInputs = Element::kInputs, kOutputs = Element::kOutputs;

  const Element& element;
  const Arrays<Element, T>& arrays;

  __device__ __forceinline__ void Single(std::size_t i) {
    Number in[kInputs];
#pragma unroll
    for (int k = 0; k < kInputs; ++k) in[k] = ToNumber(arrays.in[k][i]);
    const auto results = element.OfAny(in);
#pragma unroll
    for (int k = 0; k < kOutputs; ++k) FromNumber(results.out[k], &arrays.out[k][i]);
  }

  __device__ __forceinline__ void Vectors(std::size_t first, std::size_t stride, unsigned count) {
    // Steps from `count` on repeat the first one's work, and do not store it.
    std::size_t at[kSteps];
#pragma unroll
    for (unsigned step = 0; step < kSteps; ++step) at[step] = step < count ? first + step * stride : first;
    V in[kInputs][kSteps];
#pragma unroll
    for (int k = 0; k < kInputs; ++k) Load(arrays.in[k], arrays.in_is_aligned[k], at, in[k]);
    bool reached = true;
#pragma unroll
    for (unsigned step = 0; step < kSteps; ++step) {
#pragma unroll
      for (unsigned lane = 0; lane < V::kLanes; ++lane) {
        reached &= element.Reaches(ToNumber(in[Element::Pass::kX][step].lanes[lane]));
      }
    }
    if (!reached) {
#pragma unroll 1
      for (unsigned i = 0; i < count * V::kLanes; ++i) Single(first + i / V::kLanes * stride + i % V::kLanes);
      return;
    }
#pragma unroll
    for (unsigned step = 0; step < kSteps; ++step) {
      V out[kOutputs];
#pragma unroll
      for (unsigned lane = 0; lane < V::kLanes; ++lane) {
        Number numbers[kInputs];
#pragma unroll
        for (int k = 0; k < kInputs; ++k) numbers[k] = ToNumber(in[k][step].lanes[lane]);
        const auto results = element.OfReached(numbers);
#pragma unroll
        for (int k = 0; k < kOutputs; ++k) FromNumber(results.out[k], &out[k].lanes[lane]);
      }
      if (step < count) {
#pragma unroll
        for (int k = 0; k < kOutputs; ++k) out[k].Store(arrays.out[k] + at[step]);
      }
    }
  }

 private:
  static __device__ __forceinline__ void Load(const T* from, bool is_aligned, const std::size_t (&at)[kSteps],
                                              V (&vectors)[kSteps]) {
    if (is_aligned) {
#pragma unroll
      for (unsigned step = 0; step < kSteps; ++step) vectors[step] = V::Load(from + at[step]);
    } else {
#pragma unroll
      for (unsigned step = 0; step < kSteps; ++step) {
#pragma unroll
        for (unsigned lane = 0; lane < V::kLanes; ++lane) vectors[step].lanes[lane] = from[at[step] + lane];
      }
    }
  }
};

template <class Element, typename T, unsigned kSteps>
__global__ void __launch_bounds__(Partition::kThreads, kBlocks<Element>)
    Apply(const Element element, const Arrays<Element, T> arrays, const Partition partition) {
  Visitor<Element, T, kSteps> visitor{element, arrays};
  partition.Visit<kSteps>(blockIdx.x, threadIdx.x, visitor);
}

// From the beginning of one row to that of the next.
template <class Element>
struct Pitches {
  std::size_t in[Element::kInputs], out[Element::kOutputs];
};

// As kBlocks. A thread has one vector of each array: more threads have to have theirs in flight.
template <class Element>
constexpr int kBlocksOfRows = kIsFloat64<Element> ? 3 : kBlocks<Element>;

// `is_aligned`: all vectors begin at multiples of 16 bytes.
template <class Element, typename T>
__global__ void __launch_bounds__(RowPartition::kThreads, kBlocksOfRows<Element>)
    ApplyToRows(const Element element, const Arrays<Element, T> arrays, const Pitches<Element> pitches, bool is_aligned,
                const RowPartition partition) {
  const RowPartition::Part part = partition.PartOf(blockIdx.x, threadIdx.x);
  Arrays<Element, T> of_row;
#pragma unroll
  for (int k = 0; k < Element::kInputs; ++k) {
    of_row.in[k] = arrays.in[k] + part.row * pitches.in[k];
    of_row.in_is_aligned[k] = true;
  }
#pragma unroll
  for (int k = 0; k < Element::kOutputs; ++k) of_row.out[k] = arrays.out[k] + part.row * pitches.out[k];
  Visitor<Element, T, 1> visitor{element, of_row};
  if (is_aligned && part.count == Vector<T>::kLanes) {
    visitor.Vectors(part.first, 0, 1);
  } else {
#pragma unroll 1
    for (unsigned i = 0; i < part.count; ++i) visitor.Single(part.first + i);
  }
}

template <class Element, typename T>
cudaError_t LaunchRows(const Arguments& arguments, std::size_t size, cudaStream_t stream) {
  const Rows& rows = arguments.rows;
  if (size % rows.length != 0) return cudaErrorInvalidValue;
  Arrays<Element, T> arrays;
  Pitches<Element> pitches;
  bool is_aligned = true;
  const auto may_be = [&](const void* array, std::size_t pitch) {
    is_aligned &= IsAligned(array, RowPartition::kVectorBytes) && pitch % Vector<T>::kLanes == 0;
    return IsAligned(array, sizeof(T));
  };
  for (int k = 0; k < Element::kInputs; ++k) {
    if (!may_be(arguments.in[k], rows.in_pitches[k])) return cudaErrorInvalidValue;
    arrays.in[k] = static_cast<const T*>(arguments.in[k]);
    pitches.in[k] = rows.in_pitches[k];
  }
  for (int k = 0; k < Element::kOutputs; ++k) {
    if (!may_be(arguments.out[k], rows.out_pitches[k])) return cudaErrorInvalidValue;
    arrays.out[k] = static_cast<T*>(arguments.out[k]);
    pitches.out[k] = rows.out_pitches[k];
  }
  const RowPartition partition(size / rows.length, rows.length, sizeof(T));
  if (!CanHave(partition.ThreadBlocks())) return cudaErrorInvalidConfiguration;
  if (partition.ThreadBlocks() == 0) return cudaSuccess;
  ApplyToRows<Element, T><<<static_cast<unsigned>(partition.ThreadBlocks()), RowPartition::kThreads, 0, stream>>>(
      Element(arguments.parameter), arrays, pitches, is_aligned, partition);
  return cudaGetLastError();
}

template <class Element, typename T>
cudaError_t LaunchElement(const Arguments& arguments, std::size_t size, cudaStream_t stream) {
  if constexpr (Element::Pass::kPackedOp != nullptr) {
    if (arguments.rows.length > 0) return LaunchRows<Element, T>(arguments, size, stream);
  }
  constexpr unsigned kSteps = kStepsOf<Element, T>;
  const auto address = [](const void* array) { return reinterpret_cast<std::uintptr_t>(array); };
  const Partition partition(address(arguments.out[0]), size, sizeof(T));
  Arrays<Element, T> arrays;
  for (int k = 0; k < Element::kInputs; ++k) {
    if (address(arguments.in[k]) % sizeof(T) != 0) return cudaErrorInvalidValue;
    arrays.in[k] = static_cast<const T*>(arguments.in[k]);
    arrays.in_is_aligned[k] = partition.IsAlignedAt(address(arguments.in[k]));
  }
  for (int k = 0; k < Element::kOutputs; ++k) {
    if (address(arguments.out[k]) % sizeof(T) != 0) return cudaErrorInvalidValue;
    arrays.out[k] = static_cast<T*>(arguments.out[k]);
    // Vectors begin where those of the first output are aligned.
    if (k > 0 && !partition.IsAlignedAt(address(arguments.out[k]))) return cudaErrorInvalidValue;
  }
  const unsigned blocks = static_cast<unsigned>(partition.Blocks(kSteps));
  if (blocks == 0) return cudaSuccess;
  Apply<Element, T, kSteps>
      <<<blocks, Partition::kThreads, 0, stream>>>(Element(arguments.parameter), arrays, partition);
  return cudaGetLastError();
}

struct OverArrays {
  using Launcher = cudaError_t (*)(const Arguments& arguments, std::size_t size, cudaStream_t stream);

  template <class Activation, class Pass, DType kDType, typename T>
  static constexpr Launcher Of() {
    if constexpr (Pass::kRow != Row::kNone) {
      return nullptr;
    } else {
      return LaunchElement<typename ElementOf<Activation, Pass, kDType>::Type, T>;
    }
  }
};

constexpr auto kLaunchers = MakeLaunchers<OverArrays>();

}  // namespace

int Launch(Activation activation, Pass pass, DType dtype, const Arguments& arguments, std::size_t size, void* stream) {
  return kLaunchers.For(activation, pass, dtype)(arguments, size, static_cast<cudaStream_t>(stream));
}

}  // namespace tfcustomact::cuda
