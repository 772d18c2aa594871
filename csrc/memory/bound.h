// How much idle memory is kept.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace tfcustomact {

// The bytes that this process may use: those of the machine, or what its cgroups or its resource limits allow where
// that is less. The files of /proc and /sys are read below `root`.
std::size_t AllowedMemory(const std::string& root = "");

// The bytes in the environment variable TFCUSTOMACT_KEPT_MEMORY; nothing if it is empty or no number.
std::optional<std::size_t> KeptMemoryFromEnvironment();

// The bound of one library's idle memory, in bytes: what the environment says, or else an eighth of AllowedMemory().
// 0 if there is no memory to find that out.
std::size_t KeptMemoryBound() noexcept;

}  // namespace tfcustomact
