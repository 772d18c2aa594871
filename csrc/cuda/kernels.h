// The CUDA kernels, and what there is to run them. No CUDA header is needed to call them: streams are pointers, and
// errors the numbers of cudaError_t, 0 for success.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "csrc/formulas/kinds.h"

namespace tfcustomact::cuda {

// Launches a kernel on `stream` (a cudaStream_t) of the current device: out[i] = f(x[i]) for Order::kValue, else
// out[i] = dy[i] * f'(x[i]) or dy[i] * f''(x[i]) (dy is not read for kValue). Neither synchronises nor allocates. The
// arrays may be of any length and at any multiple of their elements' size; out may be x or dy, but not overlap them
// otherwise. `parameter` is beta or alpha; it is rounded to float32 for every dtype but float64. Returns the launch's
// error.
int Launch(Activation activation, Order order, DType dtype, const void* dy, const void* x, void* out, std::size_t size,
           double parameter, void* stream);

const char* ErrorText(int error);

// Makes a device the current one, and gives the one before.
int SetDevice(int device, int* before);

// The device that owns the memory; an error if it is the host's.
int DeviceOf(const void* pointer, int* device);

// The compute capabilities that this build has machine code for, as 75, 80, ...; the last one's code also serves newer
// devices, compiled by their driver.
std::vector<int> CompiledArchitectures();

// The number of devices that can be used; 0, with the reason, where there is no driver or no device.
int DeviceCount(std::string* why);

struct DeviceFacts {
  std::string name;
  int major, minor, multiprocessors;
  std::size_t memory;
  int driver, runtime;
};

int Facts(int device, DeviceFacts* facts);

}  // namespace tfcustomact::cuda
