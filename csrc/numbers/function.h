#pragma once

// How functions of formulas and number models are declared for the compiler that reads them.
#if defined(__CUDACC__)
#define TFCUSTOMACT_FUNCTION __host__ __device__ __forceinline__
#elif defined(__GNUC__)
#define TFCUSTOMACT_FUNCTION inline __attribute__((always_inline))
#else
#define TFCUSTOMACT_FUNCTION inline
#endif

// Functions that only the host calls. What is no template over lanes has one symbol for all instruction sets, and has
// to be inlined: the copy that the linker keeps may be one that this machine cannot run.
#if defined(__GNUC__)
#define TFCUSTOMACT_HOST_FUNCTION inline __attribute__((always_inline))
#else
#define TFCUSTOMACT_HOST_FUNCTION inline
#endif
