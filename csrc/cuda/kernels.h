// The CUDA kernels, and the devices that run them. No CUDA header is needed to call them: streams are pointers, and
// errors are the numbers of cudaError_t, 0 for success.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "csrc/passes/broadcast.h"
#include "csrc/passes/passes.h"

namespace tfcustomact::cuda {
// They are in the library of kernels, and called from those that load it.
#pragma GCC visibility push(default)

// Launches a pass without a row over arrays of `size` elements on `stream` (a cudaStream_t) of the current device.
// Neither synchronises nor allocates. The arrays may be of any length and at any multiple of their elements' size; an
// output may be an input, but not overlap it otherwise, and all outputs have the first one's alignment. The parameter
// is rounded to float32 for every dtype but float64; it is 1 for an activation without one. Of arguments.rows the
// length and the pitches are used, by passes that have pitches: there `size` is a multiple of the length, and an
// output's alignment its own. Returns the launch's error.
int Launch(Activation activation, Pass pass, DType dtype, const Arguments& arguments, std::size_t size, void* stream);

// The memory that LaunchByChannels needs for partial sums: 0 if the pass has no sum.
std::size_t ScratchBytes(const ChannelCall& call, const std::vector<AxisRun>& runs);

// Launches a pass with a row, which is in the device's memory too, over arrays whose shape, beside the row's, is
// `runs`, and whose last axis has call.arguments.rows.length elements if that is not 0; otherwise as Launch. `scratch`
// is memory for ScratchBytes(...), which is used until the kernels have run. What is summed in which order depends on
// the shape alone: the sums have the same bits every time, on every device.
int LaunchByChannels(const ChannelCall& call, void* scratch, const std::vector<AxisRun>& runs, void* stream);

// Memory of the current device, from CUDA's own pool, for what runs on `stream` from now on until it is given back. Can
// be captured in CUDA graphs.
int Allocate(std::size_t bytes, void* stream, void** memory);
int Free(void* memory, void* stream);

const char* ErrorText(int error);

// Makes a device the current one, and sets `before` to the one that was.
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

#pragma GCC visibility pop

}  // namespace tfcustomact::cuda
