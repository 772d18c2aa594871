// The hardware's approximate functions: all that differs between host and device. On the device their errors are up to
// 2 ULP (Exp2) and 1 ULP (Reciprocal of floats); Reciprocal of doubles ignores the lower 32 bits of argument and result
// (PTX ISA, ex2.approx.ftz.f32, rcp.approx.ftz.f32 and rcp.approx.ftz.f64). The host's are rounded from exact values.
// The tests on the host use others, with errors as large as the device's may be (tests/kernels/erring.h).
#pragma once

#include <cmath>

#include "csrc/numbers/function.h"

namespace tfcustomact::cuda {

struct Approximations {
  // 2^a, where it is a normal number.
  static TFCUSTOMACT_FUNCTION float Exp2(float a) {
#if defined(__CUDA_ARCH__)
    float power;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(a));
    return power;
#else
    return std::exp2(a);
#endif
  }

  // 1 / a, where a and it are normal numbers.
  static TFCUSTOMACT_FUNCTION float Reciprocal(float a) {
#if defined(__CUDA_ARCH__)
    float reciprocal;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(reciprocal) : "f"(a));
    return reciprocal;
#else
    return 1 / a;
#endif
  }
  static TFCUSTOMACT_FUNCTION double Reciprocal(double a) {
#if defined(__CUDA_ARCH__)
    double reciprocal;
    asm("rcp.approx.ftz.f64 %0, %1;" : "=d"(reciprocal) : "d"(a));
    return reciprocal;
#else
    return 1 / a;
#endif
  }
};

}  // namespace tfcustomact::cuda
