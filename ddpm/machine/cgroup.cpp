// See ddpm/machine/cgroup.h. The files: cgroups(7), proc_pid_mountinfo(5), and the kernel's admin guide,
// "Control Groups version 1" and "Control Group v2".
#include "ddpm/machine/cgroup.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace ddpm {

namespace {

namespace fs = std::filesystem;

// Returns false too where the system does not let one look.
bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// Whether the list "cpu,cpuacct" contains `word`.
bool lists(const std::string& list, const std::string& word) {
  return ("," + list + ",").find("," + word + ",") != std::string::npos;
}

// A mounted hierarchy: `root` is the group that appears at `point`.
struct Mount {
  std::string root, point, type, options;
};

std::vector<Mount> read_mounts(const fs::path& root) {
  std::ifstream file(root / "proc/self/mountinfo");
  std::vector<Mount> mounts;
  for (std::string line; std::getline(file, line);) {
    const size_t dash = line.find(" - ");  // ends the optional fields
    if (dash == std::string::npos) continue;
    std::istringstream before(line), after(line.substr(dash + 3));
    std::string skipped;
    Mount mount;
    before >> skipped >> skipped >> skipped >> mount.root >> mount.point;
    after >> mount.type >> skipped >> mount.options;
    if (mount.type.starts_with("cgroup")) mounts.push_back(mount);
  }
  return mounts;
}

// A line of proc/self/cgroup, "4:cpu,cpuacct:/group"; version 2's has no controllers, "0::/group".
struct Membership {
  std::string controllers, group;
};

std::vector<Membership> read_memberships(const fs::path& root) {
  std::ifstream file(root / "proc/self/cgroup");
  std::vector<Membership> memberships;
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    memberships.push_back({line.substr(first + 1, second - first - 1), line.substr(second + 1)});
  }
  return memberships;
}

bool belongs(const Membership& membership, const Mount& mount, const std::string& controller) {
  if (membership.controllers.empty()) return mount.type == "cgroup2";
  return mount.type == "cgroup" && lists(membership.controllers, controller) &&
         lists(mount.options, controller);
}

// Returns the folders of the group and of those above it, up to the mount point. Inside a container, the
// group may be named as the host sees it: then only the mount point exists.
std::vector<fs::path> folders_of(const fs::path& root, const Mount& mount, std::string group) {
  if ((group + "/").starts_with(mount.root + "/")) group.erase(0, mount.root.size());
  const fs::path point = root / fs::path(mount.point).relative_path();
  std::vector<fs::path> folders{point};
  for (const fs::path& name : fs::path(group).relative_path()) {
    if (name.empty() || name == ".." || !is_there(folders.back() / name)) break;
    folders.push_back(folders.back() / name);
  }
  return folders;
}

// Returns the folders of the groups that `controller` limits this process by.
std::vector<fs::path> groups(const fs::path& root, const std::string& controller) {
  std::vector<fs::path> all;
  const std::vector<Mount> mounts = read_mounts(root);
  for (const Membership& membership : read_memberships(root))
    for (const Mount& mount : mounts)
      if (belongs(membership, mount, controller))
        for (const fs::path& folder : folders_of(root, mount, membership.group)) all.push_back(folder);
  return all;
}

// Returns the number that a file begins with, or `otherwise`, as for "max".
double number_in(const fs::path& path, double otherwise) {
  double number = 0;
  return std::ifstream(path) >> number ? number : otherwise;
}

double processors_of(const fs::path& group) {
  double quota = -1, period = 0;
  if (!(std::ifstream(group / "cpu.max") >> quota >> period)) {
    quota = number_in(group / "cpu.cfs_quota_us", -1);
    period = number_in(group / "cpu.cfs_period_us", 0);
  }
  return quota > 0 && period > 0 ? quota / period : INFINITY;
}

// Returns a number of memory.stat: lines of a name and a number.
double statistic(const fs::path& group, const std::string& name) {
  std::ifstream file(group / "memory.stat");
  double number = 0;
  for (std::string word; file >> word >> number;)
    if (word == name) return number;
  return 0;
}

// The cache of files counts as used, but the system gives it back.
double memory_of(const fs::path& group) {
  const bool second = is_there(group / "memory.max");
  const double limit = number_in(group / (second ? "memory.max" : "memory.limit_in_bytes"), INFINITY);
  const double used = number_in(group / (second ? "memory.current" : "memory.usage_in_bytes"), 0);
  const double cache = statistic(group, second ? "inactive_file" : "total_inactive_file");
  return std::max(0.0, limit - std::max(0.0, used - cache));
}

}  // namespace

CgroupLimits cgroup_limits(const fs::path& root) {
  CgroupLimits limits;
  for (const fs::path& group : groups(root, "cpu"))
    limits.processors = std::min(limits.processors, processors_of(group));
  for (const fs::path& group : groups(root, "memory"))
    limits.memory = std::min(limits.memory, memory_of(group));
  return limits;
}

}  // namespace ddpm
