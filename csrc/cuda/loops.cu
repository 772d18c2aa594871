// The CUDA kernels: one per activation, derivative and dtype.
#include <cuda_runtime_api.h>

#include "csrc/cuda/elements.h"
#include "csrc/cuda/kernels.h"
#include "csrc/cuda/partition.h"
#include "csrc/cuda/storage.h"

namespace tfcustomact::cuda {
namespace {

// Loads in flight per thread.
constexpr unsigned kLoads = 4;

// Blocks that a multiprocessor can hold: 64 registers for each of their threads. Told so, ptxas does not spill for
// more.
constexpr int kBlocks = 4;

// A launch's arrays. Those whose vectors do not begin at whole 16 bytes are read one element at a time.
template <typename T>
struct Arrays {
  const T* dy;
  const T* x;
  T* out;
  bool dy_is_wide, x_is_wide;
};

template <class Element, typename T, unsigned kSteps>
struct Visitor {
  using V = Vector<T>;
  using Number = typename Element::Number;
  static constexpr bool kReadsDy = Element::kDerivative != Order::kValue;

  const Element& element;
  const Arrays<T>& arrays;

  __device__ __forceinline__ void Single(std::size_t i) {
    const Number dy = kReadsDy ? ToNumber(arrays.dy[i]) : Number{0};
    FromNumber(element.OfAny(dy, ToNumber(arrays.x[i])), &arrays.out[i]);
  }

  __device__ __forceinline__ void Vectors(std::size_t first, std::size_t stride, unsigned count) {
    // Steps beyond the last do the first one's work again, and do not store it.
    std::size_t at[kSteps];
#pragma unroll
    for (unsigned step = 0; step < kSteps; ++step) at[step] = step < count ? first + step * stride : first;
    V x[kSteps], dy[kSteps];
    Load(arrays.x, arrays.x_is_wide, at, x);
    if constexpr (kReadsDy) Load(arrays.dy, arrays.dy_is_wide, at, dy);
    bool reached = true;
#pragma unroll
    for (unsigned step = 0; step < kSteps; ++step) {
#pragma unroll
      for (int lane = 0; lane < V::kLanes; ++lane) reached &= element.Reaches(ToNumber(x[step].lanes[lane]));
    }
    if (!reached) {
#pragma unroll 1
      for (unsigned i = 0; i < count * V::kLanes; ++i) Single(first + i / V::kLanes * stride + i % V::kLanes);
      return;
    }
#pragma unroll
    for (unsigned step = 0; step < kSteps; ++step) {
      V out;
#pragma unroll
      for (int lane = 0; lane < V::kLanes; ++lane) {
        const Number dy_lane = kReadsDy ? ToNumber(dy[step].lanes[lane]) : Number{0};
        FromNumber(element.OfReached(dy_lane, ToNumber(x[step].lanes[lane])), &out.lanes[lane]);
      }
      if (step < count) out.Store(arrays.out + at[step]);
    }
  }

 private:
  static __device__ __forceinline__ void Load(const T* from, bool is_wide, const std::size_t (&at)[kSteps],
                                              V (&vectors)[kSteps]) {
    if (is_wide) {
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
    Apply(const Element element, const Arrays<T> arrays, const Partition partition) {
  Visitor<Element, T, kSteps> visitor{element, arrays};
  partition.Visit<kSteps>(blockIdx.x, threadIdx.x, visitor);
}

template <class Element, typename T>
cudaError_t LaunchElement(const void* dy, const void* x, void* out, std::size_t size, double parameter,
                          cudaStream_t stream) {
  constexpr unsigned kSteps = Element::kDerivative == Order::kValue ? kLoads : kLoads / 2;
  const auto address = [](const void* array) { return reinterpret_cast<std::uintptr_t>(array); };
  if ((address(dy) | address(x) | address(out)) % sizeof(T) != 0) return cudaErrorInvalidValue;
  const Partition partition(address(out), size, sizeof(T));
  const Arrays<T> arrays = {static_cast<const T*>(dy), static_cast<const T*>(x), static_cast<T*>(out),
                            partition.IsWideAt(address(dy)), partition.IsWideAt(address(x))};
  const unsigned blocks = static_cast<unsigned>(partition.Blocks(kSteps));
  if (blocks == 0) return cudaSuccess;
  Apply<Element, T, kSteps><<<blocks, Partition::kThreads, 0, stream>>>(Element(parameter), arrays, partition);
  return cudaGetLastError();
}

using Launcher = decltype(&LaunchElement<ElementOf<Swish, Order::kValue, DType::kFloat32>::Type, float>);

template <template <class> class Formula, Order kOrder, DType kDType, typename T>
constexpr Launcher LauncherOf() {
  return LaunchElement<typename ElementOf<Formula, kOrder, kDType>::Type, T>;
}

#define TFCUSTOMACT_DTYPES(Formula, order)                                                                           \
  {LauncherOf<Formula, order, DType::kFloat16, Float16>(), LauncherOf<Formula, order, DType::kBFloat16, BFloat16>(), \
   LauncherOf<Formula, order, DType::kFloat32, float>(), LauncherOf<Formula, order, DType::kFloat64, double>()}
#define TFCUSTOMACT_ORDERS(Formula, name, parameter)                                       \
  {TFCUSTOMACT_DTYPES(Formula, Order::kValue), TFCUSTOMACT_DTYPES(Formula, Order::kSlope), \
   TFCUSTOMACT_DTYPES(Formula, Order::kCurvature)},

constexpr Launcher kLaunchers[kActivations][kOrders][kDTypes] = {TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_ORDERS)};

}  // namespace

int Launch(Activation activation, Order order, DType dtype, const void* dy, const void* x, void* out, std::size_t size,
           double parameter, void* stream) {
  const Launcher launcher = kLaunchers[static_cast<int>(activation)][static_cast<int>(order)][static_cast<int>(dtype)];
  return launcher(dy, x, out, size, parameter, static_cast<cudaStream_t>(stream));
}

}  // namespace tfcustomact::cuda
