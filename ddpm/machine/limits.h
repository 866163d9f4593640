// What this process may use of the machine. Checked by: tests/ddpm/machine/test_limits.cpp.
#pragma once

#include <filesystem>

namespace ddpm {

// Returns the number of processors, at least 1: those that the process may run on (its affinity), and no more
// than the quota of its container, rounded up. `root` is where proc/ and the control groups are.
int usable_processors(const std::filesystem::path& root = "/");

// Returns the bytes of memory that the process can still take: what the system has available, no more than
// its container's limit and the limit on its address space (ulimit -v). Infinity if nothing tells.
double available_memory(const std::filesystem::path& root = "/");

}  // namespace ddpm
