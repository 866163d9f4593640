// A file that is written under another name and gets its own once it is complete: how write_file replaces
// files atomically. Checked by: tests/ddpm/formats/test_file.cpp.
#pragma once

#include <string>
#include <string_view>

#include "ddpm/formats/file.h"

namespace ddpm {

// A temporary file in the target's folder. The destructor deletes it unless place() has made it permanent.
// Every failure throws Error with `path` and the reason.
class TemporaryFile {
 public:
  // Creates the file. `path` appears in error messages; place() creates or replaces `target`.
  TemporaryFile(const std::string& path, const std::string& target);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // Appends the bytes.
  void write(std::string_view bytes);
  // Flushes the bytes to disk, because a power cut could otherwise leave incomplete content under the
  // target's name.
  void finish();
  // Renames the file to the target. If the target exists and is to be kept, leaves the file under its own
  // name. Returns "", or the sentence about that. Call finish() before.
  std::string place(Existing existing);

 private:
  bool create(const std::string& target);
  void flush_folder() const;

  std::string path_, target_, name_;
  int descriptor_ = -1;
  bool permanent_ = false;
};

// Returns TARGET if `path` is TARGET.tmp-PID-N with 0 <= N < 100, and "" for any other name.
// Temporary files have such names, and a killed process can leave one behind. If TARGET is too long for the
// suffix, the file is called long-name.tmp-PID-N.
std::string temporary_target(const std::string& path);

}  // namespace ddpm
