// The control groups that limit what this process may use.
#pragma once

#include <string>
#include <vector>

namespace tfcustomact {

// The folders that hold the limits of the process's cgroups, of the hierarchy of version 1 that has `controller`, and
// of version 2: for each its own, and all above it. The files of /proc and /sys are read below `root`.
std::vector<std::string> CgroupFolders(const std::string& controller, const std::string& root = "");

}  // namespace tfcustomact
