// Every kernel of every instruction set that runs here: each element written once and none outside, for lengths around
// the loops' steps and every misalignment, in place too; and the results the same wherever an element stands.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "csrc/cpu/kernels.h"

namespace {

namespace cpu = tfcustomact::cpu;
using tfcustomact::Activation;
using tfcustomact::Arguments;
using tfcustomact::DType;
using tfcustomact::Pass;
using tfcustomact::SizeOf;

constexpr std::size_t kLongest = 300, kGuard = 64;
constexpr unsigned char kUntouched = 0xA5;

// Finite numbers of both signs and all sizes; NaN payloads would make bitwise comparison say nothing.
std::vector<unsigned char> Inputs(std::size_t element_size) {
  std::vector<unsigned char> bytes(kLongest * element_size);
  std::uint32_t state = 12345;
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>((state = state * 1664525 + 1013904223) >> 24);
  // The second highest bit of a number's last byte is one of its exponent: without it no number is infinite or NaN.
  for (std::size_t i = element_size - 1; i < bytes.size(); i += element_size) bytes[i] &= 0xBF;
  return bytes;
}

// The pass with the same array for every input, and one output.
Arguments Same(const void* in, void* out, double parameter) {
  Arguments arguments = {{}, {out}, parameter};
  std::fill(std::begin(arguments.in), std::end(arguments.in), in);
  return arguments;
}

bool Check(const cpu::InstructionSet& set, Activation activation, Pass pass, DType dtype, cpu::Access access,
           double parameter) {
  const std::size_t size = SizeOf(dtype);
  const cpu::Kernel kernel = cpu::FindKernel(set.name, activation, pass, dtype);
  const std::vector<unsigned char> x = Inputs(size);
  std::vector<unsigned char> whole(x.size());
  kernel(Same(x.data(), whole.data(), parameter), 0, kLongest, cpu::Access::kCached);
  for (std::size_t length = 0; length <= kLongest; ++length) {
    for (std::size_t offset = 0; offset < 32; offset += size) {
      std::vector<unsigned char> in(kGuard + x.size() + kGuard), out(in.size(), kUntouched);
      std::memcpy(in.data() + offset, x.data(), length * size);
      unsigned char* begin = out.data() + 2 * offset % kGuard;
      kernel(Same(in.data() + offset, begin, parameter), 0, length, access);
      for (unsigned char* byte = out.data(); byte != out.data() + out.size(); ++byte) {
        const bool inside = byte >= begin && byte < begin + length * size;
        if (*byte != (inside ? whole[byte - begin] : kUntouched)) return false;
      }
      kernel(Same(in.data() + offset, in.data() + offset, parameter), 0, length, access);
      if (std::memcmp(in.data() + offset, whole.data(), length * size) != 0) return false;
    }
  }
  return true;
}

}  // namespace

int main() {
  int failures = 0, checked = 0;
  for (const cpu::InstructionSet& set : cpu::InstructionSets()) {
    if (!set.runs_here) {
      std::printf("%s does not run here\n", set.name.c_str());
      continue;
    }
    for (int activation = 0; activation < tfcustomact::kActivations; ++activation) {
      for (int pass = 0; pass < tfcustomact::kPasses; ++pass) {
        for (int dtype = 0; dtype < tfcustomact::kDTypes; ++dtype) {
          for (const cpu::Access access : {cpu::Access::kCached, cpu::Access::kFetchAhead, cpu::Access::kNonTemporal}) {
            // 1 has loops of its own.
            for (const double parameter : {1.0, 1.5}) {
              ++checked;
              if (Check(set, Activation{activation}, Pass{pass}, DType{dtype}, access, parameter)) continue;
              ++failures;
              std::printf("%s: activation %d, pass %d, dtype %d, access %d, parameter %g fails\n", set.name.c_str(),
                          activation, pass, dtype, static_cast<int>(access), parameter);
            }
          }
        }
      }
    }
  }
  std::printf("%d kernels checked, %d failed\n", checked, failures);
  return failures == 0 && checked > 0 ? 0 : 1;
}
