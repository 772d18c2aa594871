// TensorFlow's CPU kernels: the loops of csrc/cpu on TensorFlow's own threads.
#include <functional>
#include <utility>

#include "csrc/cpu/access.h"
#include "csrc/cpu/kernels.h"
#include "csrc/cpu/share.h"
#include "csrc/tensorflow/activation_op.h"
#include "csrc/tensorflow/kept_allocator.h"

namespace tfcustomact {
namespace {

struct Device {
  static const char* Name() { return ::tensorflow::DEVICE_CPU; }

  static absl::Status Allocate(::tensorflow::OpKernelContext* context, ::tensorflow::DataType dtype,
                               const ::tensorflow::TensorShape& shape, ::tensorflow::Tensor** out) {
    const std::size_t bytes = shape.num_elements() * ::tensorflow::DataTypeSize(dtype);
    // Memory with attributes is for other devices too.
    if (KeptMemory::Get().Serves(bytes) && context->output_alloc_attr(0).value == 0) {
      const ::tensorflow::Tensor fresh(KeptAllocator::Get(), dtype, shape);
      if (fresh.IsInitialized()) {
        context->set_output(0, fresh);
        *out = context->mutable_output(0);
        return absl::OkStatus();
      }
    }
    return context->allocate_output(0, shape, out);
  }

  template <Activation kActivation, Order kOrder, typename T>
  static void Run(::tensorflow::OpKernelContext* context, const void* dy, const ::tensorflow::Tensor& x,
                  ::tensorflow::Tensor* out, double parameter) {
    const cpu::Kernel kernel = cpu::FindKernel(kActivation, kOrder, DTypeOf<T>());
    const T* x_data = static_cast<const T*>(x.data());
    const T* dy_data = static_cast<const T*>(dy);
    T* out_data = static_cast<T*>(out->data());
    const cpu::Access access = cpu::AccessFor(dy, x_data, out_data, out->TotalBytes());
    const auto work = [=](std::size_t begin, std::size_t end) {
      kernel(kOrder == Order::kValue ? nullptr : dy_data + begin, x_data + begin, out_data + begin, end - begin,
             parameter, access);
    };
    const auto& threads = *context->device()->tensorflow_cpu_worker_threads();
    const auto schedule = [&](std::function<void()> task) { threads.workers->Schedule(std::move(task)); };
    const std::size_t size = x.NumElements();
    cpu::Share(size, cpu::HelpersFor(size, threads.num_threads - 1), schedule, work);
  }
};

TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_KERNELS)

}  // namespace
}  // namespace tfcustomact

// For Python, which asks the library by this name: the bound, and the bytes in use and idle.
extern "C" __attribute__((visibility("default"))) void TfcustomactKeptMemory(std::size_t facts[3]) {
  const auto [bound, in_use, idle] = tfcustomact::KeptMemory::Get().Now();
  facts[0] = bound;
  facts[1] = in_use;
  facts[2] = idle;
}
