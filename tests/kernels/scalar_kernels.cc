#include "tests/kernels/scalar_kernels.h"

#include "activations.h"
#include "csrc/cuda/channels.h"
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

template <class Element>
void RunElements(const ChannelCall& call, const std::vector<AxisRun>& runs) {
  using Number = typename Element::Number;
  using Sum = SumOf<Number>;
  constexpr bool kHasSum = Element::Pass::kHasSum;
  const cuda::ChannelPartition partition(runs, call.arguments.rows.length);
  const bool is_packed = call.arguments.rows.length != 0;
  const Element common(call.arguments.parameter, kHasSum && partition.HasFewTerms());
  const Number* const row = static_cast<const Number*>(call.row);
  std::vector<Sum> partial_sums;
  for (unsigned thread_block = 0; thread_block < partition.ThreadBlocks(); ++thread_block) {
    Sum sums[cuda::ChannelPartition::kThreads] = {};
    for (unsigned thread = 0; thread < cuda::ChannelPartition::kThreads; ++thread) {
      const auto column = partition.ColumnOf(thread_block, thread);
      const Element element = common.OfChannel(row[column.channel]);
      for (std::size_t k = 0; k < column.count; ++k) {
        const std::size_t i = column.first + k * column.stride;
        Number in[Element::kInputs];
        const auto place = [&](bool may_be_half) { return is_packed && may_be_half ? column.InHalf(i) : i; };
        for (int n = 0; n < Element::kInputs; ++n) {
          in[n] = static_cast<const Number*>(call.arguments.in[n])[place(n >= Element::kInputs - 2)];
        }
        const auto results = element.OfAny(in);
        for (int n = 0; n < Element::kOutputs; ++n) {
          static_cast<Number*>(call.arguments.out[n])[place(Element::kOutputs == 2)] = results.out[n];
        }
        sums[thread].Add(results.term);
      }
    }
    AddSumsOfThreads(sums, partition.SumsOfThreadBlock());
    partial_sums.insert(partial_sums.end(), sums, sums + partition.SumsOfThreadBlock());
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

template <class Activation, class Pass, DType kDType>
void RunPass(const ChannelCall& call, const std::vector<AxisRun>& runs) {
  if constexpr (Pass::kRow == Row::kBias ||
                (Pass::kRow == Row::kParameter && Activation::kParameter != Parameter::kNone)) {
    RunElements<typename cuda::ElementOf<Activation, Pass, kDType, ErringBothWays>::Type>(call, runs);
  }
}

template <class Activation>
void RunByChannels(const ChannelCall& call, const std::vector<AxisRun>& runs) {
#define TFCUSTOMACT_CASE(Name)                                                                             \
  if (call.pass == Pass::k##Name) {                                                                        \
    return call.dtype == DType::kFloat64 ? RunPass<Activation, passes::Name, DType::kFloat64>(call, runs)  \
                                         : RunPass<Activation, passes::Name, DType::kFloat32>(call, runs); \
  }
  TFCUSTOMACT_PASSES(TFCUSTOMACT_CASE)
#undef TFCUSTOMACT_CASE
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
