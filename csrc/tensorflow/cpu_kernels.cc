// TensorFlow's CPU kernels: the loops of csrc/cpu on TensorFlow's own threads.
#include "csrc/cpu/kernels.h"
#include "csrc/tensorflow/activation_op.h"
#include "csrc/tensorflow/huge_pages.h"
#include "tensorflow/core/util/work_sharder.h"

namespace tfcustomact {
namespace {

// Cycles per element, from which TensorFlow decides how many threads are worth it.
constexpr int CyclesPerElement(Order order, DType dtype) {
  if (dtype == DType::kFloat64) return 20;
  return order == Order::kValue ? 2 : 5;
}

struct Device {
  static const char* Name() { return ::tensorflow::DEVICE_CPU; }

  template <Activation kActivation, Order kOrder, typename T>
  static void Run(::tensorflow::OpKernelContext* context, const void* dy, const ::tensorflow::Tensor& x,
                  ::tensorflow::Tensor* out, double parameter) {
    if (out->data() != x.data() && out->data() != dy) AdviseHugePages(out->data(), out->TotalBytes());

    const cpu::Kernel kernel = cpu::FindKernel(kActivation, kOrder, DTypeOf<T>());
    const T* x_data = static_cast<const T*>(x.data());
    const T* dy_data = static_cast<const T*>(dy);
    T* out_data = static_cast<T*>(out->data());
    const auto& threads = *context->device()->tensorflow_cpu_worker_threads();
    tensorflow::Shard(threads.num_threads, threads.workers, x.NumElements(), CyclesPerElement(kOrder, DTypeOf<T>()),
                      [=](int64_t begin, int64_t end) {
                        kernel(dy_data == nullptr ? nullptr : dy_data + begin, x_data + begin, out_data + begin,
                               end - begin, parameter);
                      });
  }
};

TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_KERNELS)

}  // namespace
}  // namespace tfcustomact
