// See ddpm/run/directory.h. Checked by: tests/ddpm/run/test_run.cpp, tests/ddpm/run/test_crash.cpp.
#include "ddpm/run/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>

#include "ddpm/formats/file.h"
#include "ddpm/formats/temporary_file.h"
#include "ddpm/formats/json.h"
#include "kernels/types.h"

namespace ddpm {

namespace fs = std::filesystem;

namespace {

// The files that training writes with write_file, except the sample grids. Paths are relative to the run.
const std::set<std::string> files_of_run{"log.csv",
                                         "validation.csv",
                                         "model_index.json",
                                         "training/options.json",
                                         "training/state.safetensors",
                                         "unet/config.json",
                                         "unet/diffusion_pytorch_model.safetensors",
                                         "scheduler/scheduler_config.json"};
constexpr const char* folders_of_run[] = {"", "training", "unet", "scheduler", "samples"};

std::string grid_file(int64_t step) {
  char name[48];
  std::snprintf(name, sizeof(name), "samples/step-%06lld.png", static_cast<long long>(step));
  return name;
}

bool is_grid_file(const std::string& file) {
  const std::string before = "samples/step-";
  int64_t step = 0;
  if (file.starts_with(before)) std::from_chars(file.data() + before.size(), file.data() + file.size(), step);
  return step > 0 && file == grid_file(step);
}

// If the entry is a temporary file, returns the path of the file it was meant to replace, relative to
// the run. Otherwise returns "".
std::string leftover_of(const std::string& run, const fs::directory_entry& entry) {
  if (!fs::is_regular_file(entry.symlink_status())) return "";
  return temporary_target(entry.path().lexically_relative(run).string());
}

std::string lock_path(const std::string& run) { return run + "/training/lock"; }

// Returns true if the entry is the run's lock file. The lock file is always empty.
bool is_lock(const std::string& run, const fs::directory_entry& entry) {
  return entry.path() == fs::path(lock_path(run)) && fs::is_regular_file(entry.symlink_status()) &&
         entry.file_size() == 0;
}

// Returns true if the folder holds anything besides the leftovers of a failed or killed start: empty
// folders, the lock file and temporary files of options.json. Symbolic links count as content.
bool has_content(const std::string& run) {
  for (const auto& entry : fs::recursive_directory_iterator(run))
    if (!fs::is_directory(entry.symlink_status()) && !is_lock(run, entry) &&
        leftover_of(run, entry) != "training/options.json")
      return true;
  return false;
}

}  // namespace

std::string options_path(const std::string& run) { return run + "/training/options.json"; }

void expect_free(const std::string& run) {
  if (!fs::exists(run)) return;
  if (fs::exists(options_path(run))) RunLock{run};  // throws if the run is being trained
  if (!fs::is_directory(run)) fail_for("run taken", run, " is a file");
  if (fs::exists(options_path(run)) && !fs::exists(run + "/training/state.safetensors"))
    fail_for("run begun", run, " holds a run that was begun but never saved");
  if (fs::exists(options_path(run))) fail_for("run exists", run, " already holds a run");
  if (has_content(run)) fail_for("run taken", run, " is not empty and does not hold a run");
}

OptionTexts read_options(const std::string& run) {
  const std::string path = options_path(run);
  if (!fs::exists(path)) fail_for("no run", run, " is not a run to resume: there is no ", path);
  return JsonFields(read_json(path), path).all_strings();
}

void remove_leftovers(const std::string& run, const RunLock&) {
  std::vector<fs::path> leftovers;
  for (const fs::path folder : folders_of_run) {
    if (!fs::is_directory(run / folder)) continue;
    for (const auto& entry : fs::directory_iterator(run / folder)) {
      const std::string file = leftover_of(run, entry);
      if (files_of_run.count(file) || is_grid_file(file)) leftovers.push_back(entry.path());
    }
  }
  for (const fs::path& leftover : leftovers) fs::remove(leftover);
}

std::string grid_path(const std::string& run, int64_t step) { return run + "/" + grid_file(step); }

void create_run(const std::string& run, const RunLock&, const OptionTexts& options) {
  if (fs::exists(options_path(run)) || has_content(run))
    fail_for("run taken", "another process has just put files into ", run);
  JsonObject json;
  for (const auto& [name, value] : options) json.emplace_back(name, value);
  write_file(options_path(run), write_json(json));
}

RunLock::RunLock(const std::string& run) : run_(run) {
  std::error_code error;
  fs::create_directories(run + "/training", error);
  if (error) fail("cannot make the folder ", run, "/training: ", error.message());
  const std::string path = lock_path(run);
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("cannot write ", path, ": ", std::strerror(errno));
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    close(descriptor_);
    if (reason == EWOULDBLOCK) fail("another process is training into ", run, ": wait for it, or stop it");
    fail("cannot lock ", path, ": ", std::strerror(reason));
  }
}

RunLock::~RunLock() { close(descriptor_); }

void RunLock::expect_in_place() const {
  struct stat held, found;
  const bool same = fstat(descriptor_, &held) == 0 && stat(lock_path(run_).c_str(), &found) == 0 &&
                    held.st_dev == found.st_dev && held.st_ino == found.st_ino;
  if (!same)
    fail(run_, " was moved, removed or replaced while it was trained: nothing more is written to it");
}

}  // namespace ddpm
