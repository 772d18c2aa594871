// TensorFlow's GPU kernels: the CUDA kernels of csrc/cuda on TensorFlow's stream.
#include <cstdint>
#include <vector>

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

  static void* StreamOf(::tensorflow::OpKernelContext* context) {
    return context->op_device_context()->stream()->platform_specific_handle().stream;
  }

  static void CheckLaunch(::tensorflow::OpKernelContext* context, int error) {
    OP_REQUIRES(context, error == 0,
                absl::InternalError(absl::StrCat("the launch of a CUDA kernel failed: ", cuda::ErrorText(error))));
  }

  static void Run(::tensorflow::OpKernelContext* context, Activation activation, Pass pass, DType dtype,
                  const Arguments& arguments, std::size_t size) {
    CheckLaunch(context, cuda::Launch(activation, pass, dtype, arguments, size, StreamOf(context)));
  }

  static void RunByChannels(::tensorflow::OpKernelContext* context, const ChannelCall& call,
                            const std::vector<AxisRun>& runs, std::size_t) {
    const std::int64_t bytes = cuda::ScratchBytes(call, runs);
    ::tensorflow::Tensor scratch;
    OP_REQUIRES_OK(context,
                   context->allocate_temp(::tensorflow::DT_UINT8, ::tensorflow::TensorShape({bytes}), &scratch));
    CheckLaunch(context, cuda::LaunchByChannels(call, scratch.data(), runs, StreamOf(context)));
  }
};

const RegisterKernels<Gpu> registered;

}  // namespace
}  // namespace tfcustomact
