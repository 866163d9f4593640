// See ddpm/run/directory.h. Checked by: tests/test_run.cpp.
#include "ddpm/run/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "ddpm/formats/file.h"
#include "ddpm/formats/json.h"
#include "kernels/types.h"

namespace fs = std::filesystem;

namespace {

constexpr int64_t largest_options = 1 << 20;

std::string options_path(const std::string& run) { return run + "/training/options.json"; }

// Is there anything but what a start that failed may leave: empty folders and the lock?
bool has_content(const std::string& run) {
  for (const auto& entry : fs::recursive_directory_iterator(run))
    if (!entry.is_directory() && entry.path() != fs::path(run) / "training" / "lock") return true;
  return false;
}

}  // namespace

void expect_free(const std::string& run) {
  if (!fs::exists(run)) return;
  if (fs::exists(options_path(run))) RunLock{run};  // fails if another process trains there
  if (!fs::is_directory(run)) fail(run, " is a file; name a new folder with --out");
  if (fs::exists(options_path(run)) && !fs::exists(run + "/training/state.safetensors"))
    fail(run, " was begun and nothing saved: continue it with --resume, or delete the folder to begin again");
  if (fs::exists(options_path(run)))
    fail(run, " holds a run already: continue it with --resume, or name a new folder with --out");
  if (has_content(run)) fail(run, " is not empty and not a run; name a new folder with --out");
}

OptionTexts read_options(const std::string& run) {
  const std::string path = options_path(run);
  if (!fs::exists(path)) fail(run, " is not a run to resume: there is no ", path, "; start it without --resume");
  const JsonFields fields(parse_json(read_file(path, largest_options), path), path);
  OptionTexts options;
  for (const auto& [name, value] : fields.members()) options.emplace_back(name, fields.string(name));
  return options;
}

void remove_leftovers(const std::string& run, const RunLock&) {
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::recursive_directory_iterator(run))
    if (entry.is_regular_file() && entry.path().filename().string().find(temporary_mark) != std::string::npos)
      leftovers.push_back(entry.path());
  for (const fs::path& leftover : leftovers) fs::remove(leftover);
}

void create_run(const std::string& run, const RunLock&, const OptionTexts& options) {
  if (fs::exists(options_path(run))) fail(run, " was made by another process just now: name a new folder with --out");
  JsonObject json;
  for (const auto& [name, value] : options) json.emplace_back(name, value);
  write_file(options_path(run), write_json(json));
}

RunLock::RunLock(const std::string& run) {
  std::error_code error;
  fs::create_directories(run + "/training", error);
  if (error) fail("cannot make the folder ", run, "/training: ", error.message());
  const std::string path = run + "/training/lock";
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
