// A run's directory: when it may be made, its options, and its lock.
//   RUN/training/options.json   every option that fixes the run, as text
//   RUN/training/lock           held while a process trains into it
//   RUN/training/state.safetensors, RUN/unet, …   see checkpoint.h, ddpm/diffusers/model.h
//   RUN/samples/step-005000.png   grids of samples, made while training
// Rules: a run is made once and never overwritten; what a killed process left is
// removed by the exact name of a temporary file of one of the run's files, nothing else.
// Checked by: tests/test_run.cpp, tests/test_crash.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ddpm {

using OptionTexts = std::vector<std::pair<std::string, std::string>>;  // name, value

// Errors: the path is a run already, perhaps one that a process trains into now, a
// file, or a folder with other content. What a start leaves that was killed before the
// options were whole is none.
void expect_free(const std::string& run);

// The options that the run was made with. Errors: it is no run, or damaged.
OptionTexts read_options(const std::string& run);

// Permission to train into a run, held as long as the object lives.
class RunLock {
 public:
  // Makes RUN/training where it is missing. Errors: another process, or another
  // RunLock of this one, trains into the run; the folder cannot be made.
  explicit RunLock(const std::string& run);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int descriptor_;
};

// Removes the temporary files (temporary_target in ddpm/formats/file.h) of the run's own files.
// Call after every check: a run that is refused stays as it is.
void remove_leftovers(const std::string& run, const RunLock&);

// The grid of samples that belongs to a step.
std::string grid_path(const std::string& run, int64_t step);

// Makes the run: writes its options. Call with the lock held, after expect_free.
// Errors: somebody made it in between; the file cannot be written.
void create_run(const std::string& run, const RunLock&, const OptionTexts& options);

}  // namespace ddpm
