#include <cuda_runtime_api.h>

#include "csrc/cuda/kernels.h"

namespace tfcustomact::cuda {
namespace {

// The runtime keeps an error until it is read, and would report it for a later launch.
int Forget(cudaError_t error) {
  if (error != cudaSuccess) cudaGetLastError();
  return error;
}

}  // namespace

const char* ErrorText(int error) { return cudaGetErrorString(static_cast<cudaError_t>(error)); }

int Allocate(std::size_t bytes, void* stream, void** memory) {
  return Forget(cudaMallocAsync(memory, bytes, static_cast<cudaStream_t>(stream)));
}

int Free(void* memory, void* stream) { return Forget(cudaFreeAsync(memory, static_cast<cudaStream_t>(stream))); }

int SetDevice(int device, int* before) {
  const int error = Forget(cudaGetDevice(before));
  return error != cudaSuccess ? error : Forget(cudaSetDevice(device));
}

int DeviceOf(const void* pointer, int* device) {
  cudaPointerAttributes attributes;
  const int error = Forget(cudaPointerGetAttributes(&attributes, pointer));
  if (error != cudaSuccess) return error;
  if (attributes.type != cudaMemoryTypeDevice && attributes.type != cudaMemoryTypeManaged) return cudaErrorInvalidValue;
  *device = attributes.device;
  return cudaSuccess;
}

std::vector<int> CompiledArchitectures() { return {TFCUSTOMACT_CUDA_ARCHITECTURES}; }

int DeviceCount(std::string* why) {
  int count = 0;
  const int error = Forget(cudaGetDeviceCount(&count));
  if (error == cudaSuccess) return count;
  // Where there is no driver at all, the runtime calls its version too low.
  int driver = 0;
  const bool no_driver = Forget(cudaDriverGetVersion(&driver)) == cudaSuccess && driver == 0;
  *why = no_driver ? "there is no NVIDIA driver" : ErrorText(error);
  return 0;
}

int Facts(int device, DeviceFacts* facts) {
  cudaDeviceProp properties;
  int error = Forget(cudaGetDeviceProperties(&properties, device));
  if (error == cudaSuccess) error = Forget(cudaDriverGetVersion(&facts->driver));
  if (error == cudaSuccess) error = Forget(cudaRuntimeGetVersion(&facts->runtime));
  if (error != cudaSuccess) return error;
  facts->name = properties.name;
  facts->major = properties.major;
  facts->minor = properties.minor;
  facts->multiprocessors = properties.multiProcessorCount;
  facts->memory = properties.totalGlobalMem;
  return cudaSuccess;
}

}  // namespace tfcustomact::cuda
