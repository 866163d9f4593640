// A run's directory: when it may be made, its options, and its lock.
//   RUN/training/options.json   every option that fixes the run, as text
//   RUN/training/lock           held while a process trains into it
//   RUN/training/state.safetensors, RUN/unet, …   see checkpoint.h, diffusers.h
// Rules: a run is made once and never overwritten.
// Checked by: tests/test_run.cpp.
#pragma once

#include <string>
#include <utility>
#include <vector>

using OptionTexts = std::vector<std::pair<std::string, std::string>>;  // name, value

// Errors: the path is a run already, perhaps one that a process trains into now, a
// file, or a folder with other content.
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

// Removes the temporary files (ddpm/formats/file.h) that a killed process left in the run.
void remove_leftovers(const std::string& run, const RunLock&);

// Makes the run: writes its options. Call with the lock held, after expect_free.
// Errors: somebody made it in between; the file cannot be written.
void create_run(const std::string& run, const RunLock&, const OptionTexts& options);
