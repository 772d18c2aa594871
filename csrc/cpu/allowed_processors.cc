#include "csrc/cpu/allowed_processors.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "csrc/system/cgroups.h"
#include "csrc/system/numbers.h"

namespace tfcustomact::cpu {
namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

std::size_t ProcessorsInMask() {
  // The system rejects a mask that is shorter than its own, and does not say how long that is.
  for (std::size_t length = 1; length <= 1024; length *= 2) {
    std::vector<cpu_set_t> mask(length);
    const std::size_t bytes = length * sizeof(cpu_set_t);
    if (sched_getaffinity(0, bytes, mask.data()) == 0) return CPU_COUNT_S(bytes, mask.data());
    if (errno != EINVAL) break;
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

// The number of processors that the quota of one cgroup allows. Its files are in `folder`.
std::size_t QuotaIn(const std::string& folder) {
  long long quota = 0, period = 0;
  // Version 2 has both numbers in one file, with "max" for no quota; version 1 a file for each, with -1 for none.
  if (std::ifstream both(folder + "/cpu.max"); !(both >> quota >> period)) {
    std::ifstream(folder + "/cpu.cfs_quota_us") >> quota;
    std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  }
  if (quota <= 0 || period <= 0) return kNoLimit;
  return quota / period + (quota % period != 0);
}

std::optional<std::size_t> PositiveNumber(std::string_view text) {
  const std::optional<std::size_t> number = UnsignedNumber(text);
  return number == std::size_t{0} ? std::nullopt : number;
}

std::string_view Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::optional<std::size_t> CgroupQuota(const std::string& root) {
  std::size_t smallest = kNoLimit;
  for (const std::string& folder : CgroupFolders("cpu", root)) smallest = std::min(smallest, QuotaIn(folder));
  if (smallest == kNoLimit) return std::nullopt;
  return smallest;
}

Allowed AllowedProcessors() {
  const std::size_t mask = ProcessorsInMask(), quota = CgroupQuota().value_or(kNoLimit);
  return quota < mask ? Allowed{quota, "the cgroup's quota"} : Allowed{mask, "the affinity mask"};
}

Allowed AllowedThreads() {
  Allowed allowed = AllowedProcessors();
  constexpr char kOurs[] = "TFCUSTOMACT_NUM_THREADS", kOpenMps[] = "OMP_NUM_THREADS";
  const std::string_view ours = Variable(kOurs), openmps = Variable(kOpenMps);
  std::optional<std::size_t> limit;
  if (ours.empty()) {
    limit = PositiveNumber(openmps.substr(0, openmps.find(',')));
  } else if (limit = PositiveNumber(ours); !limit) {
    throw std::invalid_argument(std::string("the environment variable ") + kOurs + " is '" + std::string(ours) +
                                "': a positive integer is accepted");
  }
  if (limit && *limit <= allowed.number) allowed = {*limit, ours.empty() ? kOpenMps : kOurs};
  return allowed;
}

}  // namespace tfcustomact::cpu
