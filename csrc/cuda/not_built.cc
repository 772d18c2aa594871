// Takes the place of the CUDA kernels in a build without them.
#include "csrc/cuda/kernels.h"

namespace tfcustomact::cuda {
namespace {

constexpr int kNotBuilt = 1;
constexpr char kWhy[] = "this build has no CUDA kernels";

}  // namespace

int Launch(Activation, Pass, DType, const Arguments&, std::size_t, void*) { return kNotBuilt; }
std::size_t ScratchBytes(const ChannelCall&, const std::vector<AxisRun>&) { return 0; }
int LaunchByChannels(const ChannelCall&, void*, const std::vector<AxisRun>&, void*) { return kNotBuilt; }
int Allocate(std::size_t, void*, void**) { return kNotBuilt; }
int Free(void*, void*) { return kNotBuilt; }
const char* ErrorText(int) { return kWhy; }
int SetDevice(int, int*) { return kNotBuilt; }
int DeviceOf(const void*, int*) { return kNotBuilt; }
std::vector<int> CompiledArchitectures() { return {}; }
int DeviceCount(std::string* why) {
  *why = kWhy;
  return 0;
}
int Facts(int, DeviceFacts*) { return kNotBuilt; }

}  // namespace tfcustomact::cuda
