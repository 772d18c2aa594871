// All cores for large arrays, outside TensorFlow (inside it, TensorFlow's own threads do this).
#pragma once

#include <cstddef>

#include "csrc/cpu/kernels.h"

namespace tfcustomact::cpu {

// Runs `kernel` over the arrays, in pieces on all cores where they are large enough to gain by it.
void RunParallel(Kernel kernel, std::size_t element_size, const void* dy, const void* x, void* out, std::size_t size,
                 double parameter);

}  // namespace tfcustomact::cpu
