// How many processors this process may use. std::thread::hardware_concurrency knows nothing of cgroups.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace tfcustomact::cpu {

struct Allowed {
  std::size_t number;  // at least 1
  std::string set_by;
};

// The processors that the quotas of the process's cgroups amount to, of version 1 or 2: the smallest from its own
// cgroup up to the root, rounded up. Nothing if there is no quota. The files of /proc and /sys are read below `root`.
std::optional<std::size_t> CgroupQuota(const std::string& root = "");

// The processors in the affinity mask of the calling thread, or CgroupQuota() where that is less.
Allowed AllowedProcessors();

// The threads that one piece of work may have: the allowed processors, or the number in the environment variable
// TFCUSTOMACT_NUM_THREADS, or else OMP_NUM_THREADS (the first number of its list), where that is less. Throws
// std::invalid_argument if TFCUSTOMACT_NUM_THREADS is no positive integer; an OMP_NUM_THREADS that is none is OpenMP's
// to complain about, and ignored.
Allowed AllowedThreads();

}  // namespace tfcustomact::cpu
