// The CUDA kernels: one per pass of an activation and dtype.
#include <cuda_runtime_api.h>

#include "activations.h"
#include "csrc/cuda/elements.h"
#include "csrc/cuda/kernels.h"
#include "csrc/cuda/partition.h"
#include "csrc/cuda/storage.h"

namespace tfcustomact::cuda {
namespace {

// Loads in flight per thread.
constexpr unsigned kLoads = 4;

// The blocks that a multiprocessor shall hold, with 64 registers for each of their threads. Without this number ptxas
// spills registers to fit more.
constexpr int kBlocks = 4;

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
    Number in[kInputs], out[kOutputs];
#pragma unroll
    for (int k = 0; k < kInputs; ++k) in[k] = ToNumber(arrays.in[k][i]);
    element.OfAny(in, out);
#pragma unroll
    for (int k = 0; k < kOutputs; ++k) FromNumber(out[k], &arrays.out[k][i]);
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
      for (int lane = 0; lane < V::kLanes; ++lane) {
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
      for (int lane = 0; lane < V::kLanes; ++lane) {
        Number numbers[kInputs], results[kOutputs];
#pragma unroll
        for (int k = 0; k < kInputs; ++k) numbers[k] = ToNumber(in[k][step].lanes[lane]);
        element.OfReached(numbers, results);
#pragma unroll
        for (int k = 0; k < kOutputs; ++k) FromNumber(results[k], &out[k].lanes[lane]);
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
        for (int lane = 0; lane < V::kLanes; ++lane) vectors[step].lanes[lane] = from[at[step] + lane];
      }
    }
  }
};

template <class Element, typename T, unsigned kSteps>
__global__ void __launch_bounds__(Partition::kThreads, kBlocks)
    Apply(const Element element, const Arrays<Element, T> arrays, const Partition partition) {
  Visitor<Element, T, kSteps> visitor{element, arrays};
  partition.Visit<kSteps>(blockIdx.x, threadIdx.x, visitor);
}

template <class Element, typename T>
cudaError_t LaunchElement(const Arguments& arguments, std::size_t size, cudaStream_t stream) {
  constexpr unsigned kSteps = kLoads / Element::kInputs;
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

using Launcher = cudaError_t (*)(const Arguments& arguments, std::size_t size, cudaStream_t stream);
struct LaunchersOfDTypes {
  Launcher of[kDTypes];
};
struct LaunchersOfPasses {
  LaunchersOfDTypes of[kPasses];
};

template <class Activation, class Pass, DType kDType, typename T>
constexpr Launcher LauncherOf() {
  return LaunchElement<typename ElementOf<Activation, Pass, kDType>::Type, T>;
}

template <class Activation, class Pass>
constexpr LaunchersOfDTypes LaunchersOf() {
  return {{LauncherOf<Activation, Pass, DType::kFloat16, Float16>(),
           LauncherOf<Activation, Pass, DType::kBFloat16, BFloat16>(),
           LauncherOf<Activation, Pass, DType::kFloat32, float>(),
           LauncherOf<Activation, Pass, DType::kFloat64, double>()}};
}

template <class Activation>
constexpr LaunchersOfPasses LaunchersOf() {
#define TFCUSTOMACT_LAUNCHERS(Pass) LaunchersOf<Activation, passes::Pass>(),
  return {{TFCUSTOMACT_PASSES(TFCUSTOMACT_LAUNCHERS)}};
#undef TFCUSTOMACT_LAUNCHERS
}

#define TFCUSTOMACT_LAUNCHERS(Activation, name) LaunchersOf<Activation>(),
constexpr LaunchersOfPasses kLaunchers[] = {TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_LAUNCHERS)};
#undef TFCUSTOMACT_LAUNCHERS

}  // namespace

int Launch(Activation activation, Pass pass, DType dtype, const Arguments& arguments, std::size_t size, void* stream) {
  const Launcher launcher =
      kLaunchers[static_cast<int>(activation)].of[static_cast<int>(pass)].of[static_cast<int>(dtype)];
  return launcher(arguments, size, static_cast<cudaStream_t>(stream));
}

}  // namespace tfcustomact::cuda
