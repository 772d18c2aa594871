// The CUDA kernels of the passes with one number per channel.
#include <cuda_runtime_api.h>

#include "csrc/cuda/channels.h"
#include "csrc/cuda/elements.h"
#include "csrc/cuda/kernels.h"
#include "csrc/cuda/launch.h"
#include "csrc/cuda/launchers.h"
#include "csrc/cuda/storage.h"
#include "csrc/numbers/sums.h"

namespace tfcustomact::cuda {
namespace {

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
  SumOf<Number>* partial_sums;

  __device__ __forceinline__ Number RowAt(std::size_t channel) const {
    if (sizeof(T) < sizeof(float) && row_is_float32) return static_cast<const float*>(row)[channel];
    return ToNumber(static_cast<const T*>(row)[channel]);
  }
};

// Adds up the sums of a thread block's threads whose numbers are equal modulo `last`, a power of two. The first `last`
// threads get them.
template <class Sum>
__device__ __forceinline__ Sum SumOfThreads(const Sum& sum, unsigned last) {
  __shared__ Sum sums[ChannelPartition::kThreads];
  sums[threadIdx.x] = sum;
  for (unsigned half = ChannelPartition::kThreads / 2; half >= last; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x].Add(sums[threadIdx.x + half]);
  }
  return sums[threadIdx.x];
}

template <class Element, typename T>
__device__ __forceinline__ SumOf<typename Element::Number> ApplyToColumn(const Element& element,
                                                                         const ChannelArrays<Element, T>& arrays,
                                                                         const ChannelPartition::Column& column) {
  using Number = typename Element::Number;
  using Pass = typename Element::Pass;
  constexpr int kInputs = Element::kInputs, kOutputs = Element::kOutputs;
  constexpr unsigned kSteps = 16 / sizeof(Number);
  SumOf<Number> sum = {};
  const auto place = [&](std::size_t i, bool may_be_half) {
    if constexpr (Pass::kPackedOp != nullptr) return arrays.is_packed && may_be_half ? column.InHalf(i) : i;
    return i;
  };
  const auto load = [&](int k, std::size_t i) { return ToNumber(arrays.in[k][place(i, k >= kInputs - 2)]); };
  const auto store = [&](const typename Element::Results& results, std::size_t i) {
#pragma unroll
    for (int k = 0; k < kOutputs; ++k) FromNumber(results.out[k], &arrays.out[k][place(i, kOutputs == 2)]);
    if constexpr (Pass::kHasSum) sum.Add(results.term);
  };
  for (std::size_t done = 0; done < column.count; done += kSteps) {
    // Steps from `count` on repeat the first one's work, and do not store it.
    const std::size_t first = column.first + done * column.stride, remaining = column.count - done;
    const unsigned count = remaining < kSteps ? static_cast<unsigned>(remaining) : kSteps;
    Number in[kSteps][kInputs];
    bool reached = true;
#pragma unroll
    for (unsigned step = 0; step < kSteps; ++step) {
#pragma unroll
      for (int k = 0; k < kInputs; ++k) {
        in[step][k] = load(k, step < count ? first + step * column.stride : first);
      }
      reached &= element.Reaches(in[step][Pass::kX]);
    }
    if (reached) {
#pragma unroll
      for (unsigned step = 0; step < kSteps; ++step) {
        const auto results = element.OfReached(in[step]);
        if (step < count) store(results, first + step * column.stride);
      }
    } else {
#pragma unroll 1
      for (unsigned step = 0; step < count; ++step) {
        const std::size_t i = first + step * column.stride;
        Number again[kInputs];
#pragma unroll
        for (int k = 0; k < kInputs; ++k) again[k] = load(k, i);
        store(element.OfAny(again), i);
      }
    }
  }
  return sum;
}

template <class Element, typename T>
__global__ void __launch_bounds__(ChannelPartition::kThreads, kBlocks<Element>)
    ApplyByChannels(const Element element, const ChannelArrays<Element, T> arrays, const ChannelPartition partition) {
  const ChannelPartition::Column column = partition.ColumnOf(blockIdx.x, threadIdx.x);
  const auto sum = ApplyToColumn(element.OfChannel(arrays.RowAt(column.channel)), arrays, column);
  if constexpr (Element::Pass::kHasSum) {
    const unsigned sums = partition.SumsOfThreadBlock();
    const auto of_block = SumOfThreads(sum, sums);
    if (threadIdx.x < sums) arrays.partial_sums[std::size_t{blockIdx.x} * sums + threadIdx.x] = of_block;
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
  for (int k = 0; k < Element::kInputs; ++k) {
    if (!IsAligned(call.arguments.in[k], sizeof(T))) return cudaErrorInvalidValue;
    arrays.in[k] = static_cast<const T*>(call.arguments.in[k]);
  }
  for (int k = 0; k < Element::kOutputs; ++k) {
    if (!IsAligned(call.arguments.out[k], sizeof(T))) return cudaErrorInvalidValue;
    arrays.out[k] = static_cast<T*>(call.arguments.out[k]);
  }
  if (!IsAligned(call.row, row_is_float32 ? sizeof(float) : sizeof(T))) return cudaErrorInvalidValue;
  if (kHasSum && !IsAligned(scratch, sizeof(double))) return cudaErrorInvalidValue;
  arrays.row = call.row;
  arrays.row_is_float32 = row_is_float32;
  arrays.is_packed = call.arguments.rows.length != 0;
  arrays.partial_sums = static_cast<SumOf<Number>*>(scratch);
  const ChannelPartition partition(runs, call.arguments.rows.length);
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
  return ChannelPartition(runs, call.arguments.rows.length).PartialSums() * size;
}

int LaunchByChannels(const ChannelCall& call, void* scratch, const std::vector<AxisRun>& runs, void* stream) {
  return kLaunchers.For(call.activation, call.pass, call.dtype)(call, scratch, runs, static_cast<cudaStream_t>(stream));
}

}  // namespace tfcustomact::cuda
