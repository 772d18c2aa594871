// The CUDA kernels of the passes with one number per channel.
#include <cuda_runtime_api.h>

#include "csrc/cuda/channels.h"
#include "csrc/cuda/columns.h"
#include "csrc/cuda/elements.h"
#include "csrc/cuda/kernels.h"
#include "csrc/cuda/launch.h"
#include "csrc/cuda/launchers.h"
#include "csrc/cuda/storage.h"
#include "csrc/numbers/sums.h"

namespace tfcustomact::cuda {
namespace {

// As kBlocks: sums, and the numbers of neighbouring channels, take registers, too.
template <class Element, typename T>
constexpr int kBlocksOfChannels() {
  if (kIsFloat64<Element> || !Element::Pass::kHasSum) return kBlocks<Element>;
  return sizeof(T) < sizeof(float) && (Element::kOutputs > 1 || Element::kHasOwnDivisors) ? 2 : 3;
}

// Adds up the sums of a thread block's threads whose numbers are equal modulo `last`, a power of two. The first `last`
// threads get them.
template <class Sum>
__device__ __forceinline__ Sum SumOfThreads(const Sum& sum, unsigned last) {
  __shared__ Sum sums[ChannelPartition::kThreads];
  // The sums of the call before have been read.
  __syncthreads();
  sums[threadIdx.x] = sum;
  for (unsigned half = ChannelPartition::kThreads / 2; half >= last; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x].Add(sums[threadIdx.x + half]);
  }
  return sums[threadIdx.x];
}

template <class Element, typename T>
__global__ void __launch_bounds__(ChannelPartition::kThreads, (kBlocksOfChannels<Element, T>()))
    ApplyByChannels(const Element element, const ChannelArrays<Element, T> arrays, const ChannelPartition partition) {
  using Work = Columns<Element, T>;
  typename Work::Sums sums = {};
  Work(element, arrays, partition, blockIdx.x, threadIdx.x).Apply(sums);
  if constexpr (Element::Pass::kHasSum) {
    auto* const to = arrays.partial_sums + std::size_t{blockIdx.x} * partition.SumsOfThreadBlock();
    if (partition.IsOfOneChannel()) {
#pragma unroll
      for (unsigned lane = 1; lane < Work::kLanes; ++lane) sums[0].Add(sums[lane]);
      const auto of_block = SumOfThreads(sums[0], 1);
      if (threadIdx.x == 0) *to = of_block;
    } else {
#pragma unroll
      for (unsigned lane = 0; lane < Work::kLanes; ++lane) {
        const auto of_block = SumOfThreads(sums[lane], ChannelPartition::kThreadsOfRow);
        if (threadIdx.x < ChannelPartition::kThreadsOfRow) to[partition.ColumnOf(threadIdx.x, lane)] = of_block;
      }
    }
  }
}

// Adds up the partial sums of every channel.
template <class Sum, typename T>
__global__ void __launch_bounds__(FoldPartition::kThreads)
    Fold(const Sum* partial_sums, T* out, const ChannelPartition partition, const FoldPartition fold) {
  const FoldPartition::Part part = fold.PartOf(blockIdx.x, threadIdx.x);
  Sum sum = {};
#pragma unroll 1
  for (std::size_t i = part.first; i < part.end; i += part.stride) {
    sum.Add(partial_sums[partition.PartialSum(part.channel, i)]);
  }
  const Sum of_channel = SumOfThreads(sum, fold.ChannelsOfThreadBlock());
  if (threadIdx.x < fold.ChannelsOfThreadBlock() && part.channel < partition.Channels()) {
    FromNumber(static_cast<decltype(ToNumber(T()))>(of_channel.Rounded()), &out[part.channel]);
  }
}

template <typename Number, typename T>
cudaError_t LaunchFold(const ChannelCall& call, const void* scratch, const ChannelPartition& partition,
                       cudaStream_t stream) {
  if (!IsAligned(call.row_gradient, sizeof(T))) return cudaErrorInvalidValue;
  const FoldPartition fold(partition.Channels(), partition.PartialSumsOfChannel());
  if (!CanHave(fold.ThreadBlocks())) return cudaErrorInvalidConfiguration;
  if (fold.ThreadBlocks() == 0) return cudaSuccess;
  Fold<SumOf<Number>, T><<<static_cast<unsigned>(fold.ThreadBlocks()), FoldPartition::kThreads, 0, stream>>>(
      static_cast<const SumOf<Number>*>(scratch), static_cast<T*>(call.row_gradient), partition, fold);
  return cudaGetLastError();
}

template <class Element, typename T>
cudaError_t LaunchElement(const ChannelCall& call, void* scratch, const std::vector<AxisRun>& runs,
                          cudaStream_t stream) {
  using Number = typename Element::Number;
  constexpr bool kHasSum = Element::Pass::kHasSum;
  constexpr bool kIsNarrow = sizeof(T) < sizeof(Number);
  const bool row_is_float32 = kIsNarrow && call.row_dtype == DType::kFloat32;
  ChannelArrays<Element, T> arrays;
  bool is_aligned = true;
  for (int k = 0; k < Element::kInputs; ++k) {
    if (!IsAligned(call.arguments.in[k], sizeof(T))) return cudaErrorInvalidValue;
    is_aligned &= IsAligned(call.arguments.in[k], VectorBytes(sizeof(T)));
    arrays.in[k] = static_cast<const T*>(call.arguments.in[k]);
  }
  for (int k = 0; k < Element::kOutputs; ++k) {
    if (!IsAligned(call.arguments.out[k], sizeof(T))) return cudaErrorInvalidValue;
    is_aligned &= IsAligned(call.arguments.out[k], VectorBytes(sizeof(T)));
    arrays.out[k] = static_cast<T*>(call.arguments.out[k]);
  }
  if (!IsAligned(call.row, row_is_float32 ? sizeof(float) : sizeof(T))) return cudaErrorInvalidValue;
  if (kHasSum && !IsAligned(scratch, sizeof(double))) return cudaErrorInvalidValue;
  arrays.row = call.row;
  arrays.row_is_float32 = row_is_float32;
  arrays.is_packed = call.arguments.rows.length != 0;
  arrays.is_aligned = is_aligned;
  arrays.partial_sums = static_cast<SumOf<Number>*>(scratch);
  const ChannelPartition partition(runs, LanesOf(sizeof(T)), call.arguments.rows.length);
  if (!CanHave(partition.ThreadBlocks())) return cudaErrorInvalidConfiguration;
  if (partition.ThreadBlocks() > 0) {
    ApplyByChannels<Element, T>
        <<<static_cast<unsigned>(partition.ThreadBlocks()), ChannelPartition::kThreads, 0, stream>>>(
            Element(call.arguments.parameter, kHasSum && partition.HasFewTerms()), arrays, partition);
    const cudaError_t error = cudaGetLastError();
    if (error != cudaSuccess) return error;
  }
  if constexpr (!kHasSum) return cudaSuccess;
  if constexpr (kIsNarrow) {
    if (row_is_float32) return LaunchFold<Number, float>(call, scratch, partition, stream);
  }
  return LaunchFold<Number, T>(call, scratch, partition, stream);
}

struct ByChannels {
  using Launcher = cudaError_t (*)(const ChannelCall& call, void* scratch, const std::vector<AxisRun>& runs,
                                   cudaStream_t stream);

  template <class Activation, class Pass, DType kDType, typename T>
  static constexpr Launcher Of() {
    constexpr bool kHasParameter = Activation::kParameter != Parameter::kNone;
    if constexpr (Pass::kRow == Row::kNone || (Pass::kRow == Row::kParameter && !kHasParameter)) {
      return nullptr;
    } else {
      return LaunchElement<typename ElementOf<Activation, Pass, kDType>::Type, T>;
    }
  }
};

constexpr auto kLaunchers = MakeLaunchers<ByChannels>();

}  // namespace

std::size_t ScratchBytes(const ChannelCall& call, const std::vector<AxisRun>& runs) {
  if (!FactsOf(call.pass).has_sum) return 0;
  const std::size_t size = call.dtype == DType::kFloat64 ? sizeof(SumOf<double>) : sizeof(SumOf<float>);
  const ChannelPartition partition(runs, LanesOf(SizeOf(call.dtype)), call.arguments.rows.length);
  return partition.PartialSums() * size;
}

int LaunchByChannels(const ChannelCall& call, void* scratch, const std::vector<AxisRun>& runs, void* stream) {
  return kLaunchers.For(call.activation, call.pass, call.dtype)(call, scratch, runs, static_cast<cudaStream_t>(stream));
}

}  // namespace tfcustomact::cuda
