#pragma once

// How functions of formulas and number models are declared for the compiler that reads them.
#if defined(__CUDACC__)
#define TFCUSTOMACT_FUNCTION __host__ __device__ __forceinline__
#elif defined(__GNUC__)
#define TFCUSTOMACT_FUNCTION inline __attribute__((always_inline))
#else
#define TFCUSTOMACT_FUNCTION inline
#endif
