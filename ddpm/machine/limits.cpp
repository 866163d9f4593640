// See ddpm/machine/limits.h.
#include "ddpm/machine/limits.h"

#include <omp.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <new>
#include <string>
#include <vector>

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

double address_space() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return INFINITY;
  return double(limit.rlim_cur);
}

}  // namespace

std::set<int> processors_of_places() {
  std::set<int> all;
  for (int place = 0; place < omp_get_num_places(); ++place) {
    std::vector<int> ids(size_t(omp_get_place_num_procs(place)));
    omp_get_place_proc_ids(place, ids.data());
    all.insert(ids.begin(), ids.end());
  }
  return all;
}

// If OpenMP has bound the calling thread to one of its places, omp_get_num_procs() counts that place alone.
int usable_processors(const fs::path& root) {
  const double quota = std::ceil(cgroup_limits(root).processors);
  const int affinity = std::max(omp_get_num_procs(), int(processors_of_places().size()));
  return int(std::max(1.0, std::min(quota, double(affinity))));
}

double available_memory(const fs::path& root) {
  return std::min({system_memory(root), cgroup_limits(root).memory, address_space()});
}

void try_memory(double bytes) { ::operator delete(::operator new(size_t(bytes))); }

}  // namespace ddpm
