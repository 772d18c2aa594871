// TensorFlow's GPU kernels: the CUDA kernels of csrc/cuda on TensorFlow's stream.
#include "csrc/cuda/kernels.h"
#include "csrc/tensorflow/activation_op.h"
#include "xla/stream_executor/stream.h"

namespace tfcustomact {
namespace {

struct Device {
  static const char* Name() { return ::tensorflow::DEVICE_GPU; }

  static absl::Status Allocate(::tensorflow::OpKernelContext* context, ::tensorflow::DataType,
                               const ::tensorflow::TensorShape& shape, ::tensorflow::Tensor** out) {
    return context->allocate_output(0, shape, out);
  }

  template <Activation kActivation, Order kOrder, typename T>
  static void Run(::tensorflow::OpKernelContext* context, const void* dy, const ::tensorflow::Tensor& x,
                  ::tensorflow::Tensor* out, double parameter) {
    void* const stream = context->op_device_context()->stream()->platform_specific_handle().stream;
    const int error =
        cuda::Launch(kActivation, kOrder, DTypeOf<T>(), dy, x.data(), out->data(), x.NumElements(), parameter, stream);
    OP_REQUIRES(context, error == 0,
                absl::InternalError(absl::StrCat("the launch of a CUDA kernel failed: ", cuda::ErrorText(error))));
  }
};

TFCUSTOMACT_ACTIVATIONS(TFCUSTOMACT_KERNELS)

}  // namespace
}  // namespace tfcustomact
