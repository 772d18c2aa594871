// Elements as they are stored in memory, and vectors of 16 bytes of them.
#pragma once

#include <cstdint>
#include <cstring>

namespace tfcustomact::cuda {

struct Float16 {
  using Number = float;
  std::uint16_t bits;
};
struct BFloat16 {
  using Number = float;
  std::uint16_t bits;
};

__device__ __forceinline__ float ToNumber(Float16 a) {
  float number;
  asm("cvt.f32.f16 %0, %1;" : "=f"(number) : "h"(a.bits));
  return number;
}
__device__ __forceinline__ float ToNumber(BFloat16 a) { return __uint_as_float(std::uint32_t{a.bits} << 16); }
__device__ __forceinline__ float ToNumber(float a) { return a; }
__device__ __forceinline__ double ToNumber(double a) { return a; }

// Rounded to nearest, ties to even. Compute capability 7.5 has no instruction for bfloat16.
__device__ __forceinline__ void FromNumber(float number, Float16* a) {
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(a->bits) : "f"(number));
}
__device__ __forceinline__ void FromNumber(float number, BFloat16* a) {
#if __CUDA_ARCH__ >= 800
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(a->bits) : "f"(number));
#else
  const std::uint32_t bits = __float_as_uint(number);
  const std::uint32_t rounded = bits + 0x7fff + (bits >> 16 & 1);
  a->bits = static_cast<std::uint16_t>((number == number ? rounded : bits | 0x400000) >> 16);
#endif
}
__device__ __forceinline__ void FromNumber(float number, float* a) { *a = number; }
__device__ __forceinline__ void FromNumber(double number, double* a) { *a = number; }

template <typename T>
struct Vector {
  static constexpr int kLanes = 16 / sizeof(T);
  T lanes[kLanes];

  static __device__ __forceinline__ Vector Load(const T* from) {
    const uint4 words = *reinterpret_cast<const uint4*>(from);
    Vector vector;
    std::memcpy(&vector, &words, sizeof vector);
    return vector;
  }

  __device__ __forceinline__ void Store(T* to) const {
    uint4 words;
    std::memcpy(&words, this, sizeof words);
    *reinterpret_cast<uint4*>(to) = words;
  }
};

}  // namespace tfcustomact::cuda
