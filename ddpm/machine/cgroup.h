// Limits that Linux control groups set on this process: a container's, a systemd unit's, a job scheduler's.
// Version 1 has a hierarchy of groups for each controller, version 2 has one for all.
// Checked by: tests/ddpm/machine/test_limits.cpp.
#pragma once

#include <cmath>
#include <filesystem>

namespace ddpm {

struct CgroupLimits {
  double processors = INFINITY;  // quota / period, may be a fraction
  double memory = INFINITY;      // bytes that the group can still take
};

// Returns the tightest limits of this process's groups and of the groups above them. Reads
// proc/self/mountinfo, proc/self/cgroup and the groups' folders below `root`. What is missing or cannot be
// parsed sets no limit.
CgroupLimits cgroup_limits(const std::filesystem::path& root = "/");

}  // namespace ddpm
