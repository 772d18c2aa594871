// How much idle memory is kept.
#pragma once

#include <cstddef>

namespace tfcustomact {

// In bytes, for one library: the environment variable TFCUSTOMACT_KEPT_MEMORY, or else an eighth of the memory that the
// process may use.
std::size_t KeptMemoryBound();

}  // namespace tfcustomact
