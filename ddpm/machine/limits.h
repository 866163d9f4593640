// What this process may use of the machine. Checked by: tests/ddpm/machine/test_limits.cpp.
#pragma once

#include <filesystem>
#include <set>

namespace ddpm {

// Returns the numbers of the processors in all of OpenMP's places: none unless threads are bound to places.
std::set<int> processors_of_places();

// Returns the number of processors, at least 1: those that the process may run on (its affinity), and no more
// than the quota of its container, rounded up. `root` is where proc/ and the control groups are.
int usable_processors(const std::filesystem::path& root = "/");

// Returns the bytes of memory that the process may take: what the system has available, no more than what its
// container has left and the whole limit on its address space (ulimit -v). Infinity if nothing tells.
double available_memory(const std::filesystem::path& root = "/");

// Takes so many bytes of memory and gives them back, untouched. Throws std::bad_alloc, or ends in the new
// handler, if the system refuses them: then work that needs them would end so too, half done.
void try_memory(double bytes);

}  // namespace ddpm
