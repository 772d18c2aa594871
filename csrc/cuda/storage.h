// Elements as they are stored in memory, and vectors of them. The host, which compiles it for tests, has no float16.
#pragma once

#include <cstdint>
#include <cstring>

#include "csrc/numbers/function.h"

namespace tfcustomact::cuda {

#if defined(__CUDACC__)
struct Float16 {
  using Number = float;
  std::uint16_t bits;
};

__device__ __forceinline__ float ToNumber(Float16 a) {
  float number;
  asm("cvt.f32.f16 %0, %1;" : "=f"(number) : "h"(a.bits));
  return number;
}

// Rounded to nearest, ties to even.
__device__ __forceinline__ void FromNumber(float number, Float16* a) {
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(a->bits) : "f"(number));
}
#endif

struct BFloat16 {
  using Number = float;
  std::uint16_t bits;
};

TFCUSTOMACT_FUNCTION float ToNumber(BFloat16 a) {
  const std::uint32_t bits = std::uint32_t{a.bits} << 16;
  float number;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

// Rounded to nearest, ties to even. Compute capability 7.5 has no instruction for it.
TFCUSTOMACT_FUNCTION void FromNumber(float number, BFloat16* a) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(a->bits) : "f"(number));
#else
  std::uint32_t bits;
  std::memcpy(&bits, &number, sizeof bits);
  const std::uint32_t rounded = bits + 0x7fff + (bits >> 16 & 1);
  a->bits = static_cast<std::uint16_t>((number == number ? rounded : bits | 0x400000) >> 16);
#endif
}

TFCUSTOMACT_FUNCTION float ToNumber(float a) { return a; }
TFCUSTOMACT_FUNCTION double ToNumber(double a) { return a; }
TFCUSTOMACT_FUNCTION void FromNumber(float number, float* a) { *a = number; }
TFCUSTOMACT_FUNCTION void FromNumber(double number, double* a) { *a = number; }

template <typename T, unsigned kBytes = 16>
struct Vector {
  static constexpr unsigned kLanes = kBytes / sizeof(T);
  T lanes[kLanes];

  static TFCUSTOMACT_FUNCTION Vector Load(const T* from) {
    Vector vector;
#if defined(__CUDACC__)
    const Words words = *reinterpret_cast<const Words*>(from);
    std::memcpy(&vector, &words, sizeof vector);
#else
    std::memcpy(&vector, from, sizeof vector);
#endif
    return vector;
  }

  TFCUSTOMACT_FUNCTION void Store(T* to) const {
#if defined(__CUDACC__)
    Words words;
    std::memcpy(&words, this, sizeof words);
    *reinterpret_cast<Words*>(to) = words;
#else
    std::memcpy(to, this, sizeof *this);
#endif
  }

 private:
  // What one instruction loads or stores.
  struct alignas(kBytes) Words {
    std::uint32_t words[kBytes / 4];
  };
};

}  // namespace tfcustomact::cuda
