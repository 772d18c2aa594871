// How many processors this process may use. std::thread::hardware_concurrency knows nothing of cgroups.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace tfcustomact::cpu {

struct Allowed {
  std::size_t number;  // 1 or more
  std::string set_by;
};

// The number of processors that the quotas of the process's cgroups (version 1 or 2) allow, rounded up: the min over
// its own cgroup and all above it. Empty if there is no quota. The files of /proc and /sys are read below `root`.
std::optional<std::size_t> CgroupQuota(const std::string& root = "");

// The number of processors in the affinity mask of the calling thread, or CgroupQuota() where that is less.
Allowed AllowedProcessors();

// The number of threads that one call may use: that of the allowed processors, or the environment variable
// TFCUSTOMACT_NUM_THREADS, or else OMP_NUM_THREADS (the first number of its list), where that is less. Throws
// std::invalid_argument if TFCUSTOMACT_NUM_THREADS is no positive integer; an OMP_NUM_THREADS that is none is ignored.
Allowed AllowedThreads();

}  // namespace tfcustomact::cpu
