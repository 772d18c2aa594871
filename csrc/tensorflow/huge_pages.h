#pragma once

#include <cstddef>

namespace tfcustomact {

// Asks the system for huge pages in a fresh array that is large enough to be a mapping of its own. Without them the
// first write to each 4 KiB costs more than everything else the kernel does. Advice only: nothing fails.
void AdviseHugePages(void* array, std::size_t bytes);

}  // namespace tfcustomact
