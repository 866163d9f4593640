// Checks the processors and the memory that a process may use, on made-up trees of proc/ and control groups:
// versions 1 and 2, containers with and without a namespace of their own, and damaged files.
#include <doctest/doctest.h>
#include <omp.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "ddpm/machine/cgroup.h"
#include "ddpm/machine/limits.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

namespace fs = std::filesystem;

using Files = std::vector<std::pair<std::string, std::string>>;  // path, text

// A root folder with these files.
class Tree {
 public:
  explicit Tree(const Files& files) {
    for (const auto& [path, content] : files) {
      fs::create_directories(fs::path(folder_ / path).parent_path());
      folder_.put(path, content);
    }
  }
  fs::path path() const { return folder_ / ""; }

 private:
  ScratchFolder folder_;
};

CgroupLimits limits_of(const Files& files) {
  const Tree tree(files);
  return cgroup_limits(tree.path());
}

const Files version_2{
    {"proc/self/mountinfo",
     "24 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
     "31 24 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"},
    {"proc/self/cgroup", "0::/user.slice/job 7\n"},
    {"sys/fs/cgroup/user.slice/job 7/cpu.max", "max 100000\n"},
};

// The line of mountinfo of a hierarchy of version 1, whose group `root` appears at the mount point.
std::string mount_1(const std::string& controllers, const std::string& root = "/") {
  return "33 31 0:30 " + root + " /sys/fs/cgroup/" + controllers + " rw - cgroup cgroup rw," + controllers +
         "\n";
}

Files with(Files files, const Files& more) {
  files.insert(files.end(), more.begin(), more.end());
  return files;
}

}  // namespace

TEST_CASE("limits: without control groups there are none") {
  const CgroupLimits none = limits_of({});
  CHECK(none.processors == INFINITY);
  CHECK(none.memory == INFINITY);
  const Tree tree({});
  CHECK(usable_processors(tree.path()) >= omp_get_num_procs());
}

TEST_CASE("limits: version 2 takes the tightest quota of a group and those above it") {
  CHECK(limits_of(version_2).processors == INFINITY);
  CHECK(limits_of(with(version_2, {{"sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n"}})).processors ==
        1.5);
  CHECK(limits_of(with(version_2, {{"sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n"},
                                   {"sys/fs/cgroup/user.slice/job 7/cpu.max", "25000 50000\n"}}))
            .processors == 0.5);
  // In a container with a namespace of its own, the group is the root.
  CHECK(limits_of({{"proc/self/mountinfo", "31 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n"},
                   {"proc/self/cgroup", "0::/\n"},
                   {"sys/fs/cgroup/cpu.max", "300000 100000"}})
            .processors == 3);
}

TEST_CASE("limits: version 1 reads the hierarchy that has the controller") {
  const Files cpu{{"proc/self/mountinfo", mount_1("cpu,cpuacct") + mount_1("memory") + mount_1("cpuset")},
                  {"proc/self/cgroup", "4:cpu,cpuacct:/a/b\n3:memory:/m\n2:cpuset:/c\n0::/\n"},
                  {"sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1\n"},
                  {"sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n"},
                  {"sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "200000\n"},
                  {"sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n"},
                  // Groups that are not this process's, or not of this controller.
                  {"sys/fs/cgroup/cpu,cpuacct/m/cpu.cfs_quota_us", "1000\n"},
                  {"sys/fs/cgroup/cpu,cpuacct/m/cpu.cfs_period_us", "100000\n"},
                  {"sys/fs/cgroup/memory/cpu.cfs_quota_us", "1000\n"},
                  {"sys/fs/cgroup/memory/cpu.cfs_period_us", "100000\n"},
                  {"sys/fs/cgroup/cpuset/c/cpu.cfs_quota_us", "1000\n"},
                  {"sys/fs/cgroup/cpuset/c/cpu.cfs_period_us", "100000\n"}};
  CHECK(limits_of(cpu).processors == 2);
}

TEST_CASE("limits: a container of version 1 without a namespace finds its groups below the mount point") {
  const Files half{{"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n"},
                   {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}};
  const auto processors = [&](const std::string& mount_root, const std::string& group, const Files& more) {
    return limits_of(with(with(half, more), {{"proc/self/mountinfo", mount_1("cpu", mount_root)},
                                             {"proc/self/cgroup", "4:cpu:" + group + "\n"}}))
        .processors;
  };
  CHECK(processors("/docker/1f", "/docker/1f", {}) == 0.5);
  CHECK(processors("/", "/docker/1f", {}) == 0.5);  // the host's name, which does not exist inside
  CHECK(processors("/docker/1f", "/docker/1f/inner",
                   {{"sys/fs/cgroup/cpu/inner/cpu.cfs_quota_us", "25000\n"},
                    {"sys/fs/cgroup/cpu/inner/cpu.cfs_period_us", "100000\n"}}) == 0.25);
  CHECK(processors("/docker/1f", "/docker/1fa",
                   {{"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "1000\n"},
                    {"sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n"}}) ==
        0.5);  // the beginning of another group's name
  CHECK(processors("/", "/../sibling", {{"sys/fs/cgroup/cpu.max", "1000 100000\n"}}) == 0.5);
}

TEST_CASE("limits: memory is the limit less what is used, without the cache of files") {
  const Files second =
      with(version_2, {{"sys/fs/cgroup/user.slice/memory.max", "1000\n"},
                       {"sys/fs/cgroup/user.slice/memory.current", "700\n"},
                       {"sys/fs/cgroup/user.slice/memory.stat", "anon 400\ninactive_file 300\n"},
                       {"sys/fs/cgroup/user.slice/job 7/memory.max", "max\n"}});
  CHECK(limits_of(second).memory == 600);
  const Files first{{"proc/self/mountinfo", mount_1("memory")},
                    {"proc/self/cgroup", "3:memory:/m\n"},
                    {"sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"},
                    {"sys/fs/cgroup/memory/m/memory.limit_in_bytes", "5000\n"},
                    {"sys/fs/cgroup/memory/m/memory.usage_in_bytes", "1000\n"},
                    {"sys/fs/cgroup/memory/m/memory.stat", "inactive_file 7\ntotal_inactive_file 250\n"}};
  CHECK(limits_of(first).memory == 4250);
  const Files spent{{"proc/self/mountinfo", mount_1("memory")},
                    {"proc/self/cgroup", "3:memory:/\n"},
                    {"sys/fs/cgroup/memory/memory.limit_in_bytes", "5000\n"},
                    {"sys/fs/cgroup/memory/memory.usage_in_bytes", "6000\n"}};
  CHECK(limits_of(spent).memory == 0);
}

TEST_CASE("limits: damaged files set no limit") {
  for (const std::string quota :
       {"", "max", "0 100000", "-5 100000", "100000 0", "100000 -5", "100000", "many few"})
    CHECK(limits_of(with(version_2, {{"sys/fs/cgroup/user.slice/cpu.max", quota}})).processors == INFINITY);
  // A name that is too long cannot be looked up, as little as one in a folder that may not be entered.
  const std::string endless(5000, 'x');
  CHECK(limits_of({version_2[0], {"proc/self/cgroup", "0::/" + endless + "\n"}}).processors == INFINITY);
  CHECK(limits_of({{"proc/self/mountinfo", "\n - \n31 - cgroup2\nno dash\n"},
                   {"proc/self/cgroup", "\n0\n0:\n:::\n"}})
            .processors == INFINITY);
}

TEST_CASE("limits: processors are the quota rounded up, at least 1, and no more than there are") {
  const auto processors = [](const std::string& quota) {
    const Tree tree(with(version_2, {{"sys/fs/cgroup/user.slice/cpu.max", quota}}));
    return usable_processors(tree.path());
  };
  const int all = usable_processors(Tree({}).path());
  CHECK(processors("1000 100000") == 1);
  CHECK(processors("100000 100000") == 1);
  CHECK(processors("110000 100000") == std::min(2, all));
  CHECK(processors("900000000 100000") == all);
}

TEST_CASE("limits: available memory is the least of the system's and the group's") {
  const Files system{
      {"proc/meminfo", "MemTotal:  900 kB\nMemFree:  100 kB\nMemAvailable:   500 kB\nX: 1 kB\n"}};
  CHECK(available_memory(Tree(system).path()) == 500 * 1024);
  const Files tight = with(with(version_2, system), {{"sys/fs/cgroup/user.slice/memory.max", "1000"}});
  CHECK(available_memory(Tree(tight).path()) == 1000);
  CHECK(available_memory(Tree({}).path()) == INFINITY);
}

}  // namespace ddpm::test
