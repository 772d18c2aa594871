// TensorFlow's CPU kernels: the loops of csrc/cpu on TensorFlow's own threads.
#include <functional>
#include <new>
#include <utility>
#include <vector>

#include "csrc/cpu/access.h"
#include "csrc/cpu/channels.h"
#include "csrc/cpu/kernels.h"
#include "csrc/cpu/share.h"
#include "csrc/tensorflow/kept_allocator.h"
#include "csrc/tensorflow/register_kernels.h"

namespace tfcustomact {
namespace {

struct Cpu {
  static const char* Name() { return ::tensorflow::DEVICE_CPU; }

  static absl::Status Allocate(::tensorflow::OpKernelContext* context, int i, ::tensorflow::DataType dtype,
                               const ::tensorflow::TensorShape& shape, ::tensorflow::Tensor** out) {
    const std::size_t bytes = shape.num_elements() * ::tensorflow::DataTypeSize(dtype);
    // Allocation attributes ask for memory that other devices can use.
    if (KeptMemory::Get().Serves(bytes) && context->output_alloc_attr(i).value == 0) {
      const ::tensorflow::Tensor fresh(KeptAllocator::Get(), dtype, shape);
      if (fresh.IsInitialized()) {
        context->set_output(i, fresh);
        *out = context->mutable_output(i);
        return absl::OkStatus();
      }
    }
    return context->allocate_output(i, shape, out);
  }

  static void Run(::tensorflow::OpKernelContext* context, Activation activation, Pass pass, DType dtype,
                  const Arguments& arguments, std::size_t size) {
    const cpu::Kernel kernel = cpu::FindKernel(activation, pass, dtype);
    const cpu::Access access = cpu::AccessFor(arguments, FactsOf(pass), size * SizeOf(dtype));
    const auto work = [=](std::size_t begin, std::size_t end) { kernel(arguments, begin, end, access); };
    const auto& threads = *context->device()->tensorflow_cpu_worker_threads();
    const auto schedule = [&](std::function<void()> task) { threads.workers->Schedule(std::move(task)); };
    cpu::Share(size, cpu::HelpersFor(size, threads.num_threads - 1), schedule, work);
  }

  static void RunByChannels(::tensorflow::OpKernelContext* context, const ChannelCall& call,
                            const std::vector<AxisRun>& runs, std::size_t size) {
    if (const auto with_number = cpu::CallWithNumber(call, runs)) {
      return Run(context, call.activation, with_number->pass, call.dtype, with_number->arguments, size);
    }
    const cpu::Access access = cpu::AccessFor(call.arguments, FactsOf(call.pass), size * SizeOf(call.dtype));
    const auto& threads = *context->device()->tensorflow_cpu_worker_threads();
    const auto schedule = [&](std::function<void()> task) { threads.workers->Schedule(std::move(task)); };
    const auto share = [&](std::size_t units, const std::function<void(std::size_t)>& work) {
      const auto work_on = [&work](std::size_t begin, std::size_t end) {
        for (std::size_t unit = begin; unit < end; ++unit) work(unit);
      };
      cpu::Share(units, cpu::HelpersFor(size, threads.num_threads - 1), schedule, work_on, /*smallest_chunk=*/1);
    };
    try {
      cpu::RunByChannels(call, access, runs, share);
    } catch (const std::bad_alloc&) {
      context->SetStatus(absl::ResourceExhaustedError("there is no memory for the partial sums of the channels"));
    }
  }
};

const RegisterKernels<Cpu> registered;

}  // namespace
}  // namespace tfcustomact

// Python finds it in the library by this name. The facts are the bound, and the bytes in use and idle.
extern "C" __attribute__((visibility("default"))) void TfcustomactKeptMemory(std::size_t facts[3]) {
  const auto [bound, in_use, idle] = tfcustomact::KeptMemory::Get().Now();
  facts[0] = bound;
  facts[1] = in_use;
  facts[2] = idle;
}
