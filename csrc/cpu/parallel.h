// Several threads for large arrays, outside TensorFlow (inside it, TensorFlow's own threads do this).
#pragma once

#include <cstddef>

#include "csrc/cpu/kernels.h"

namespace tfcustomact::cpu {

// Runs `kernel` over arrays of `size` elements, in pieces on up to `threads` threads, the calling one included, where
// they are large enough to gain by it. Where memory runs out there are fewer threads: it throws nothing.
void RunParallel(Kernel kernel, const Arguments& arguments, std::size_t size, Access access, std::size_t threads);

}  // namespace tfcustomact::cpu
