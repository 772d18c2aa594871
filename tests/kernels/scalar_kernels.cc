#include "tests/kernels/scalar_kernels.h"

#include "activations.h"
#include "csrc/cuda/channels.h"
#include "csrc/cuda/columns.h"
#include "csrc/cuda/elements.h"
#include "csrc/numbers/sums.h"
#include "tests/kernels/erring.h"

namespace tfcustomact {
namespace {

template <class Element>
void Run(const Arguments& arguments, std::size_t begin, std::size_t end, cpu::Access) {
  using Number = typename Element::Number;
  const Element element(arguments.parameter);
  for (std::size_t i = begin; i < end; ++i) {
    Number in[Element::kInputs];
    for (int k = 0; k < Element::kInputs; ++k) in[k] = static_cast<const Number*>(arguments.in[k])[i];
    const auto results = element.OfAny(in);
    for (int k = 0; k < Element::kOutputs; ++k) static_cast<Number*>(arguments.out[k])[i] = results.out[k];
  }
}

// As the device does after each thread block.
template <class Sum>
void AddSumsOfThreads(Sum* sums, unsigned last) {
  for (unsigned half = cuda::ChannelPartition::kThreads / 2; half >= last; half /= 2) {
    for (unsigned thread = 0; thread < half; ++thread) sums[thread].Add(sums[thread + half]);
  }
}

template <class Element, typename T>
void RunElements(const ChannelCall& call, const std::vector<AxisRun>& runs) {
  using Number = typename Element::Number;
  using Sum = SumOf<Number>;
  using Work = cuda::Columns<Element, T>;
  constexpr bool kHasSum = Element::Pass::kHasSum;
  constexpr unsigned kThreads = cuda::ChannelPartition::kThreads, kThreadsOfRow = cuda::ChannelPartition::kThreadsOfRow;
  const cuda::ChannelPartition partition(runs, Work::kLanes, call.arguments.rows.length);
  const Element element(call.arguments.parameter, kHasSum && partition.HasFewTerms());
  cuda::ChannelArrays<Element, T> arrays = {};
  for (int k = 0; k < Element::kInputs; ++k) arrays.in[k] = static_cast<const T*>(call.arguments.in[k]);
  for (int k = 0; k < Element::kOutputs; ++k) arrays.out[k] = static_cast<T*>(call.arguments.out[k]);
  arrays.row = call.row;
  arrays.row_is_float32 = call.row_dtype == DType::kFloat32;
  arrays.is_packed = call.arguments.rows.length != 0;
  arrays.is_aligned = true;
  std::vector<Sum> partial_sums(partition.PartialSums());
  for (unsigned thread_block = 0; thread_block < partition.ThreadBlocks(); ++thread_block) {
    std::vector<Sum> sums[Work::kLanes];
    for (std::vector<Sum>& of_lane : sums) of_lane.resize(kThreads);
    for (unsigned thread = 0; thread < kThreads; ++thread) {
      typename Work::Sums of_thread = {};
      Work(element, arrays, partition, thread_block, thread).Apply(of_thread);
      for (unsigned lane = 0; lane < Work::kLanes; ++lane) sums[lane][thread] = of_thread[lane];
    }
    Sum* const to = partial_sums.data() + std::size_t{thread_block} * partition.SumsOfThreadBlock();
    if (partition.IsOfOneChannel()) {
      for (unsigned lane = 1; lane < Work::kLanes; ++lane) {
        for (unsigned thread = 0; thread < kThreads; ++thread) sums[0][thread].Add(sums[lane][thread]);
      }
      AddSumsOfThreads(sums[0].data(), 1);
      *to = sums[0][0];
    } else {
      for (unsigned lane = 0; lane < Work::kLanes; ++lane) {
        AddSumsOfThreads(sums[lane].data(), kThreadsOfRow);
        for (unsigned thread = 0; thread < kThreadsOfRow; ++thread) {
          to[partition.ColumnOf(thread, lane)] = sums[lane][thread];
        }
      }
    }
  }
  if (!kHasSum) return;
  const cuda::FoldPartition fold(partition.Channels(), partition.PartialSumsOfChannel());
  for (std::size_t thread_block = 0; thread_block < fold.ThreadBlocks(); ++thread_block) {
    Sum sums[cuda::FoldPartition::kThreads] = {};
    for (unsigned thread = 0; thread < cuda::FoldPartition::kThreads; ++thread) {
      const auto part = fold.PartOf(thread_block, thread);
      for (std::size_t i = part.first; i < part.end; i += part.stride) {
        sums[thread].Add(partial_sums.at(partition.PartialSum(part.channel, i)));
      }
    }
    AddSumsOfThreads(sums, fold.ChannelsOfThreadBlock());
    for (unsigned thread = 0; thread < fold.ChannelsOfThreadBlock(); ++thread) {
      const std::size_t channel = fold.PartOf(thread_block, thread).channel;
      if (channel >= partition.Channels()) continue;
      static_cast<Number*>(call.row_gradient)[channel] = static_cast<Number>(sums[thread].Rounded());
    }
  }
}

template <class Activation, class Pass, DType kDType, typename T>
void RunPass(const ChannelCall& call, const std::vector<AxisRun>& runs) {
  if constexpr (Pass::kRow == Row::kBias ||
                (Pass::kRow == Row::kParameter && Activation::kParameter != Parameter::kNone)) {
    RunElements<typename cuda::ElementOf<Activation, Pass, kDType, ErringBothWays>::Type, T>(call, runs);
  }
}

template <class Activation, DType kDType, typename T>
void RunByChannels(const ChannelCall& call, const std::vector<AxisRun>& runs) {
#define TFCUSTOMACT_CASE(Name) \
  if (call.pass == Pass::k##Name) return RunPass<Activation, passes::Name, kDType, T>(call, runs);
  TFCUSTOMACT_PASSES(TFCUSTOMACT_CASE)
#undef TFCUSTOMACT_CASE
}

template <class Activation>
void RunByChannels(const ChannelCall& call, const std::vector<AxisRun>& runs) {
  switch (call.dtype) {
    case DType::kBFloat16:
      return RunByChannels<Activation, DType::kBFloat16, cuda::BFloat16>(call, runs);
    case DType::kFloat64:
      return RunByChannels<Activation, DType::kFloat64, double>(call, runs);
    default:
      return RunByChannels<Activation, DType::kFloat32, float>(call, runs);
  }
}

template <class Activation, class Pass>
cpu::Kernel KernelOf(DType dtype) {
  if constexpr (Pass::kRow != Row::kNone) {
    return nullptr;
  } else if (dtype == DType::kFloat64) {
    return Run<typename cuda::ElementOf<Activation, Pass, DType::kFloat64, ErringBothWays>::Type>;
  } else {
    return Run<typename cuda::ElementOf<Activation, Pass, DType::kFloat32, ErringBothWays>::Type>;
  }
}

template <class Activation>
cpu::Kernel KernelOf(Pass pass, DType dtype) {
#define TFCUSTOMACT_CASE(Name) \
  if (pass == Pass::k##Name) return KernelOf<Activation, passes::Name>(dtype);
  TFCUSTOMACT_PASSES(TFCUSTOMACT_CASE)
#undef TFCUSTOMACT_CASE
  return nullptr;
}

}  // namespace

cpu::Kernel ScalarKernel(Activation activation, Pass pass, DType dtype) {
#define TFCUSTOMACT_CASE(Name, name) \
  if (activation == Activation::k##Name) return KernelOf<Name>(pass, dtype);
  TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_CASE)
#undef TFCUSTOMACT_CASE
  return nullptr;
}

void ScalarByChannels(const ChannelCall& call, const std::vector<AxisRun>& runs) {
#define TFCUSTOMACT_CASE(Name, name) \
  if (call.activation == Activation::k##Name) return RunByChannels<Name>(call, runs);
  TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_CASE)
#undef TFCUSTOMACT_CASE
}

bool ScalarKernelsRunHere() {
#if defined(__FMA__) && defined(__x86_64__)
  return __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2");
#else
  return true;
#endif
}

}  // namespace tfcustomact
