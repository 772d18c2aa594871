#include "csrc/memory/bound.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <new>

#include "csrc/system/cgroups.h"
#include "csrc/system/numbers.h"

namespace tfcustomact {
namespace {

// The number in a file, or SIZE_MAX if it is no number: "max" means no limit.
std::size_t NumberIn(const std::string& file) {
  std::size_t number = 0;
  return std::ifstream(file) >> number ? number : SIZE_MAX;
}

}  // namespace

std::size_t AllowedMemory(const std::string& root) {
  std::size_t allowed = std::size_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  for (const int resource : {RLIMIT_AS, RLIMIT_DATA}) {
    rlimit limit;
    if (getrlimit(resource, &limit) == 0) allowed = std::min<std::size_t>(allowed, limit.rlim_cur);
  }
  for (const std::string& folder : CgroupFolders("memory", root)) {
    // The last file is that of version 1.
    for (const char* file : {"/memory.max", "/memory.high", "/memory.limit_in_bytes"}) {
      allowed = std::min(allowed, NumberIn(folder + file));
    }
  }
  return allowed;
}

std::optional<std::size_t> KeptMemoryFromEnvironment() {
  const char* const variable = std::getenv("TFCUSTOMACT_KEPT_MEMORY");
  return variable == nullptr ? std::nullopt : UnsignedNumber(variable);
}

std::size_t KeptMemoryBound() noexcept {
  try {
    const std::optional<std::size_t> given = KeptMemoryFromEnvironment();
    return given ? *given : AllowedMemory() / 8;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

}  // namespace tfcustomact
