// TensorFlow's GPU kernels: the CUDA kernels of csrc/cuda on TensorFlow's stream.
#include "csrc/cuda/kernels.h"
#include "csrc/tensorflow/register_kernels.h"
#include "xla/stream_executor/stream.h"

namespace tfcustomact {
namespace {

struct Gpu {
  static const char* Name() { return ::tensorflow::DEVICE_GPU; }

  static absl::Status Allocate(::tensorflow::OpKernelContext* context, int i, ::tensorflow::DataType,
                               const ::tensorflow::TensorShape& shape, ::tensorflow::Tensor** out) {
    return context->allocate_output(i, shape, out);
  }

  static void Run(::tensorflow::OpKernelContext* context, Activation activation, Pass pass, DType dtype,
                  const Arguments& arguments, std::size_t size) {
    void* const stream = context->op_device_context()->stream()->platform_specific_handle().stream;
    const int error = cuda::Launch(activation, pass, dtype, arguments, size, stream);
    OP_REQUIRES(context, error == 0,
                absl::InternalError(absl::StrCat("the launch of a CUDA kernel failed: ", cuda::ErrorText(error))));
  }
};

const RegisterKernels<Gpu> registered;

}  // namespace
}  // namespace tfcustomact
