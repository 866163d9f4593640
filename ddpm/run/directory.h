// The folder of a run: its creation, its options and its lock.
//   RUN/training/options.json     the options that fix the run, as text
//   RUN/training/lock             locked by the process that trains the run
//   RUN/training/state.safetensors, RUN/unet, ...   see checkpoint.h, ddpm/diffusers/model.h
//   RUN/samples/step-005000.png   grids of samples, drawn during training
// A run is created once and never overwritten. Temporary files that a killed process left are removed
// only if their names match the run's own files exactly.
// Checked by: tests/ddpm/run/test_run.cpp, tests/ddpm/run/test_crash.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ddpm {

using OptionTexts = std::vector<std::pair<std::string, std::string>>;  // name, value

// Returns the path of a run's options, RUN/training/options.json.
std::string options_path(const std::string& run);

// Checks that a new run can be created in the folder `run`. Throws Error if the path is a file, or if
// the folder holds a run (even one in training) or other content. A missing folder passes the check. So
// does a folder with only the leftovers of a start that was killed before options.json was complete.
void expect_free(const std::string& run);

// Returns the options that the run was created with. Throws Error if the folder holds no run or its
// options.json is invalid.
OptionTexts read_options(const std::string& run);

// An exclusive lock on a run. It is held while the object exists.
class RunLock {
 public:
  // Creates RUN/training if it is missing. Throws Error if another process or another RunLock holds the
  // lock, or if the folder or the lock file cannot be created.
  explicit RunLock(const std::string& run);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  // Throws Error if the lock file is no longer at its place: then the folder was moved, removed or replaced,
  // and may be the run of another process. Call it before each write.
  void expect_in_place() const;

 private:
  std::string run_;
  int descriptor_;
};

// Removes the temporary files (ddpm/formats/file.h) that a killed process left beside the run's own
// files. Call it after all checks, so that a run that fails a check is left unchanged. Throws
// std::filesystem::filesystem_error if a file cannot be removed.
void remove_leftovers(const std::string& run, const RunLock&);

// Returns the path of the sample grid of a step, RUN/samples/step-NNNNNN.png.
std::string grid_path(const std::string& run, int64_t step);

// Creates the run by writing its options. Call expect_free before, and hold the lock. Throws Error if
// another process has put files into the folder since then, or if options.json cannot be written.
void create_run(const std::string& run, const RunLock&, const OptionTexts& options);

}  // namespace ddpm
