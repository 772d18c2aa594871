// Several threads for large arrays, outside TensorFlow (inside it, TensorFlow's own threads do this).
#pragma once

#include <cstddef>
#include <functional>

#include "csrc/cpu/kernels.h"

namespace tfcustomact::cpu {

// Runs `kernel` over arrays of `size` elements on up to `threads` threads, the calling one included: on fewer where the
// arrays are too short to gain by more, or where memory runs out. It throws nothing.
void RunParallel(Kernel kernel, const Arguments& arguments, std::size_t size, Access access, std::size_t threads);

// Calls work(i), which must not throw, for each i below `units`, likewise; together they are work on `size` elements.
void RunUnitsParallel(std::size_t units, const std::function<void(std::size_t)>& work, std::size_t size,
                      std::size_t threads);

}  // namespace tfcustomact::cpu
