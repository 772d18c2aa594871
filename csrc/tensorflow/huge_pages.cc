#include "csrc/tensorflow/huge_pages.h"

#include <cstdint>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace tfcustomact {

void AdviseHugePages(void* array, std::size_t bytes) {
#ifdef __linux__
  // glibc maps allocations of this size and more one by one, so that the advice ends with the array.
  constexpr std::size_t kOwnMapping = std::size_t{32} << 20;
  constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
  if (bytes < kOwnMapping) return;
  const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(array);
  const std::uintptr_t begin = (address + kHugePage - 1) & ~(kHugePage - 1);
  const std::uintptr_t end = (address + bytes) & ~(kHugePage - 1);
  madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace tfcustomact
