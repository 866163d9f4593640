// Whole files, read with a limit and written atomically: the only place of
// the program that opens files for its formats.
// Rules: POSIX calls only (Linux, macOS). Every failure is an Error that names
// the path and the reason. Checked by: tests/test_file.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ddpm {

// One regular file, open for reading from its first byte to its last.
class InputFile {
 public:
  // Errors: a missing or unreadable file, a folder, a pipe or a device.
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // How many bytes have not been read yet; at first, the file's length.
  int64_t left() const { return left_; }
  // Overwrites `to` with the next `bytes` bytes. Errors: the file ends before.
  void read(void* to, int64_t bytes);

 private:
  std::string path_;
  int descriptor_;
  int64_t left_;
};

// The whole file's bytes. Errors: as InputFile; more than `limit` bytes.
std::string read_file(const std::string& path, int64_t limit);

// Makes or replaces the file atomically: a temporary file beside it takes all
// the bytes, is flushed to the disk and then renamed. Until the rename the old
// file is untouched; after an Error there is no temporary. The new file's
// permissions follow the umask; a symbolic link stays one, its target is replaced.
// Errors: a full disk and the like; a parent that is no folder; an existing
// path that is a folder, a pipe, a device or write-protected.
void write_file(const std::string& path, std::string_view bytes);

// Throws what write_file would throw, but for a full disk, and changes nothing: makes
// the temporary file and removes it. For before long work.
void try_to_write(const std::string& path);

// The same as write_file for bytes that lie in several places: writes them one after another,
// without a copy.
void write_file_parts(const std::string& path, const std::vector<std::string_view>& parts);

// The target that a temporary file of this name was to become: TARGET for exactly
// TARGET.tmp-PID-N, N below 100; "" for any other name. A killed process leaves such files.
std::string temporary_target(const std::string& path);
}  // namespace ddpm
