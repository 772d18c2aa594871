// TensorFlow's CPU kernels: the loops of csrc/cpu on TensorFlow's own threads.
#include <algorithm>
#include <functional>

#include "csrc/cpu/kernels.h"
#include "csrc/cpu/share.h"
#include "csrc/tensorflow/huge_pages.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/register_types.h"

namespace tfcustomact {
namespace {

using ::tensorflow::OpKernel;
using ::tensorflow::OpKernelConstruction;
using ::tensorflow::OpKernelContext;
using ::tensorflow::Tensor;
using ::tensorflow::TensorShapeUtils;

template <typename T>
constexpr DType DTypeOf() {
  if constexpr (std::is_same_v<T, Eigen::half>) return DType::kFloat16;
  if constexpr (std::is_same_v<T, Eigen::bfloat16>) return DType::kBFloat16;
  if constexpr (std::is_same_v<T, float>) return DType::kFloat32;
  if constexpr (std::is_same_v<T, double>) return DType::kFloat64;
}

// Inputs: the parameter as a scalar float64, dy (not for values), and x.
template <Activation kActivation, Order kOrder, typename T>
class ActivationOp : public OpKernel {
  static constexpr bool kReadsDy = kOrder != Order::kValue;
  static constexpr int kDy = 1, kX = kReadsDy ? 2 : 1;

 public:
  using OpKernel::OpKernel;

  void Compute(OpKernelContext* context) override {
    const Tensor& x = context->input(kX);
    const Tensor& parameter = context->input(0);
    OP_REQUIRES(context, TensorShapeUtils::IsScalar(parameter.shape()),
                absl::InvalidArgumentError(
                    absl::StrCat("the parameter must be a scalar, not of shape ", parameter.shape().DebugString())));
    const void* dy = nullptr;
    if constexpr (kReadsDy) {
      OP_REQUIRES(context, context->input(kDy).shape() == x.shape(),
                  absl::InvalidArgumentError(absl::StrCat("dy and x must have one shape, not ",
                                                          context->input(kDy).shape().DebugString(), " and ",
                                                          x.shape().DebugString())));
      dy = context->input(kDy).data();
    }
    Tensor* out = nullptr;
    if constexpr (kReadsDy) {
      OP_REQUIRES_OK(context, context->forward_input_or_allocate_output({kDy, kX}, 0, x.shape(), &out));
    } else {
      OP_REQUIRES_OK(context, context->forward_input_or_allocate_output({kX}, 0, x.shape(), &out));
    }
    if (out->data() != x.data() && out->data() != dy) AdviseHugePages(out->data(), out->TotalBytes());

    const cpu::Kernel kernel = cpu::FindKernel(kActivation, kOrder, DTypeOf<T>());
    const double value = parameter.scalar<double>()();
    const T* x_data = static_cast<const T*>(x.data());
    const T* dy_data = static_cast<const T*>(dy);
    T* out_data = static_cast<T*>(out->data());
    const auto work = [=](std::size_t begin, std::size_t end) {
      kernel(kReadsDy ? dy_data + begin : nullptr, x_data + begin, out_data + begin, end - begin, value);
    };
    const auto& threads = *context->device()->tensorflow_cpu_worker_threads();
    const std::size_t size = x.NumElements();
    const std::size_t helpers = std::min<std::size_t>(threads.num_threads - 1, size / cpu::kWorthAThread);
    if (helpers == 0) {
      work(0, size);
    } else {
      cpu::Share(size, helpers, [&](std::function<void()> task) { threads.workers->Schedule(task); }, work);
    }
  }
};

#define TFCUSTOMACT_KERNEL(op_name, Formula, order, T)                                         \
  REGISTER_KERNEL_BUILDER(Name(op_name).Device(tensorflow::DEVICE_CPU).TypeConstraint<T>("T"), \
                          ActivationOp<Activation::k##Formula, Order::order, T>);
#define TFCUSTOMACT_DTYPES(op_name, Formula, order)            \
  TFCUSTOMACT_KERNEL(op_name, Formula, order, Eigen::half)     \
  TFCUSTOMACT_KERNEL(op_name, Formula, order, Eigen::bfloat16) \
  TFCUSTOMACT_KERNEL(op_name, Formula, order, float)           \
  TFCUSTOMACT_KERNEL(op_name, Formula, order, double)
#define TFCUSTOMACT_KERNELS(Formula, name, parameter)                \
  TFCUSTOMACT_DTYPES("Tfcustomact" #Formula, Formula, kValue)        \
  TFCUSTOMACT_DTYPES("Tfcustomact" #Formula "Grad", Formula, kSlope) \
  TFCUSTOMACT_DTYPES("Tfcustomact" #Formula "GradGrad", Formula, kCurvature)

TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_KERNELS)

}  // namespace
}  // namespace tfcustomact
