// Reads whole files up to a size limit, and writes files atomically. All file formats use it.
// Uses POSIX calls only (Linux, macOS). Every failure throws an Error that states the path and the
// reason. Checked by: tests/ddpm/formats/test_file.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ddpm {

// A regular file, open for sequential reading.
class InputFile {
 public:
  // Opens the file at its first byte. Throws Error if it is missing, unreadable, or not a regular
  // file (a folder, pipe or device).
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Returns the number of bytes not read yet. Before the first read() this is the file's length.
  int64_t left() const { return left_; }
  // Overwrites `to` with the next `bytes` bytes of the file. Throws Error if fewer bytes are left or
  // the system cannot read them.
  void read(void* to, int64_t bytes);

 private:
  std::string path_;
  int descriptor_;
  int64_t left_;
};

// Returns all bytes of the file. Throws Error if the file cannot be read or has more than `limit`
// bytes.
std::string read_file(const std::string& path, int64_t limit);

// What becomes of a file that has the name of a new one.
enum class Existing { keep, replace };

// Creates or replaces the file `path` atomically, with `bytes` as its content.
// Writes a temporary file in the same folder, flushes it to disk, and renames it to `path`. An old
// file stays unchanged until the rename. After an Error no temporary file remains, but for the one below.
// The new file's permissions follow the umask. If `path` is a symbolic link, the link stays and the file
// that it points to is replaced.
// Throws Error if the parent folder does not exist; if `path` is a folder, a pipe, a device, a
// write-protected file or a dangling link; or if writing fails, for example because the disk is
// full.
// With Existing::keep, nothing that has the name `path` is replaced, even if it appears at the last moment.
// The temporary file then stays, complete, and an Error says where.
void write_file(const std::string& path, std::string_view bytes, Existing = Existing::replace);

// Throws Error if write_file cannot create its temporary file for `path`, for example because the
// parent folder does not exist. Call it before long work. Leaves the file `path` unchanged, and
// cannot detect a full disk.
void try_to_write(const std::string& path);

// Same as write_file with the concatenation of `parts` as content. Does not copy the parts.
void write_file_parts(const std::string& path, const std::vector<std::string_view>& parts,
                      Existing = Existing::replace);

// A file to be written: the concatenation of the parts.
struct NewFile {
  std::string path;
  std::vector<std::string_view> parts;
};
// Same as write_file_parts for files that belong together: all are complete on the disk before the first gets
// its name, so that a full disk leaves all of the old ones.
void write_files(const std::vector<NewFile>& files, Existing);

// Appends the bytes to a file that exists. Throws Error if writing fails, for example on a full disk; the
// file then has its old length.
void append_to_file(const std::string& path, std::string_view bytes);
// Waits until the file's content is on the disk, where it survives a power cut. Throws Error if that fails.
void flush_to_disk(const std::string& path);

}  // namespace ddpm
