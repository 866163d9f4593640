// See ddpm/machine/limits.h.
#include "ddpm/machine/limits.h"

#include <omp.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "ddpm/machine/cgroup.h"

namespace ddpm {

namespace {

namespace fs = std::filesystem;

// Returns MemAvailable of proc/meminfo, which is in units of 1024 bytes, or infinity where there is no such
// line: systems other than Linux.
double system_memory(const fs::path& root) {
  std::ifstream file(root / "proc/meminfo");
  std::string name;
  for (double kibibytes = 0; file >> name >> kibibytes; file.ignore(100, '\n'))
    if (name == "MemAvailable:") return kibibytes * 1024;
  return INFINITY;
}

// Returns the number of processors that this process may run on. If OpenMP has bound the calling thread to
// one of its places, omp_get_num_procs() counts that place alone.
int affinity() {
  int in_places = 0;
  for (int place = 0; place < omp_get_num_places(); ++place) in_places += omp_get_place_num_procs(place);
  return std::max(omp_get_num_procs(), in_places);
}

double address_space() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return INFINITY;
  return double(limit.rlim_cur);
}

}  // namespace

int usable_processors(const fs::path& root) {
  const double quota = std::ceil(cgroup_limits(root).processors);
  return int(std::max(1.0, std::min(quota, double(affinity()))));
}

double available_memory(const fs::path& root) {
  return std::min({system_memory(root), cgroup_limits(root).memory, address_space()});
}

}  // namespace ddpm
