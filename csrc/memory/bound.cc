#include "csrc/memory/bound.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "csrc/system/cgroups.h"

namespace tfcustomact {
namespace {

// The number that a file holds, or the largest where it holds none: "max" stands for no limit.
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
    // The first is version 2's, the other version 1's.
    allowed = std::min({allowed, NumberIn(folder + "/memory.max"), NumberIn(folder + "/memory.limit_in_bytes")});
  }
  return allowed;
}

std::optional<std::size_t> KeptMemoryFromEnvironment() {
  const char* const variable = std::getenv(kKeptMemoryVariable);
  const std::string_view text = variable == nullptr ? "" : variable;
  std::size_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return bytes;
}

std::size_t KeptMemoryBound() {
  const std::optional<std::size_t> given = KeptMemoryFromEnvironment();
  return given ? *given : AllowedMemory() / 8;
}

}  // namespace tfcustomact
