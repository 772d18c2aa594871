#include "csrc/memory/bound.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace tfcustomact {

std::size_t KeptMemoryBound() {
  const char* given = std::getenv("TFCUSTOMACT_KEPT_MEMORY");
  if (given != nullptr) return std::strtoull(given, nullptr, 10);
  return std::size_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE) / 8;
}

}  // namespace tfcustomact
