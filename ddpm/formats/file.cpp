// See ddpm/formats/file.h. Checked by: tests/ddpm/formats/test_file.cpp.
#include "ddpm/formats/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <list>

#include "ddpm/formats/system_calls.h"
#include "ddpm/formats/temporary_file.h"

namespace ddpm {

namespace {

[[noreturn]] void cannot_read(const std::string& path) {
  const int error = errno;
  fail("cannot read ", path, ": ", std::strerror(error));
}

// Throws Error if the parent folder does not exist.
void expect_folder(const std::string& path) {
  struct stat folder;
  if (stat(folder_of(path).c_str(), &folder) != 0)
    fail("cannot write ", path, ": there is no folder ", folder_of(path), "; make it first");
  if (!S_ISDIR(folder.st_mode)) fail("cannot write ", path, ": ", folder_of(path), " is not a folder");
}

// Returns the path that the rename must replace: `path`, or the file that the link `path` points to.
// Throws Error if the parent folder does not exist or the path cannot be replaced by a file.
std::string checked_target(const std::string& path) {
  expect_folder(path);
  struct stat old;
  if (lstat(path.c_str(), &old) != 0) {
    if (errno != ENOENT) cannot_write(path);
    return path;
  }
  std::string target = path;
  if (S_ISLNK(old.st_mode)) {
    std::error_code error;
    target = std::filesystem::canonical(path, error).string();
    if (error || stat(target.c_str(), &old) != 0)
      fail("cannot write ", path, ": it is a dangling symbolic link; remove it");
  }
  if (S_ISDIR(old.st_mode)) fail("cannot write ", path, ": it is a folder; name a file");
  if (!S_ISREG(old.st_mode)) fail("cannot write ", path, ": it is not an ordinary file");
  if (access(target.c_str(), W_OK) != 0) cannot_write(path);
  return target;
}

}  // namespace

InputFile::InputFile(const std::string& path) : path_(path) {
  // Without O_NONBLOCK, opening a named pipe would wait until another process writes to it.
  descriptor_ = retry([&] { return open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); });
  if (descriptor_ < 0) cannot_read(path);
  struct stat info;
  const bool known = fstat(descriptor_, &info) == 0;
  if (!known || !S_ISREG(info.st_mode)) {
    close(descriptor_);
    fail("cannot read ", path, ": ",
         known && S_ISDIR(info.st_mode) ? "it is a folder; name a file" : "it is not an ordinary file");
  }
  left_ = info.st_size;
}

InputFile::~InputFile() { close(descriptor_); }

void InputFile::read(void* to, int64_t bytes) {
  char* next = static_cast<char*>(to);
  while (bytes > 0) {
    const auto want = size_t(std::min(bytes, max_request));
    const ssize_t n = retry([&] { return ::read(descriptor_, next, want); });
    if (n < 0) cannot_read(path_);
    if (n == 0) fail("cannot read ", path_, ": it ends ", bytes, " bytes too early");
    next += n;
    bytes -= n;
    left_ -= n;
  }
}

std::string read_file(const std::string& path, int64_t limit) {
  InputFile file(path);
  if (file.left() > limit)
    fail("cannot read ", path, ": it has ", file.left(), " bytes, expected at most ", limit);
  std::string bytes(size_t(file.left()), '\0');
  file.read(bytes.data(), file.left());
  return bytes;
}

void write_file(const std::string& path, std::string_view bytes, Existing existing) {
  write_file_parts(path, {bytes}, existing);
}

void write_file_parts(const std::string& path, const std::vector<std::string_view>& parts,
                      Existing existing) {
  write_files({{path, parts}}, existing);
}

void write_files(const std::vector<NewFile>& files, Existing existing) {
  std::list<TemporaryFile> complete;
  for (const NewFile& file : files) {
    if (existing == Existing::keep) expect_folder(file.path);
    complete.emplace_back(file.path, existing == Existing::keep ? file.path : checked_target(file.path));
    for (const std::string_view part : file.parts) complete.back().write(part);
    complete.back().finish();
  }
  std::string kept;
  for (TemporaryFile& file : complete) {
    const std::string sentence = file.place(existing);
    if (!sentence.empty()) kept += (kept.empty() ? "" : "; ") + sentence;
  }
  if (!kept.empty()) fail(kept);
}

void append_to_file(const std::string& path, std::string_view bytes) {
  const int descriptor = retry([&] { return open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC); });
  if (descriptor < 0) cannot_write(path);
  const off_t length = lseek(descriptor, 0, SEEK_END);
  const bool written = length >= 0 && write_all(descriptor, bytes);
  const int reason = errno;
  if (!written) retry([&] { return ftruncate(descriptor, length); });
  close(descriptor);
  errno = reason;
  if (!written) cannot_write(path);
}

void flush_to_disk(const std::string& path) {
  const int descriptor = retry([&] { return open(path.c_str(), O_WRONLY | O_CLOEXEC); });
  if (descriptor < 0) cannot_write(path);
  const bool flushed = retry([&] { return fsync(descriptor); }) == 0;
  const int reason = errno;
  close(descriptor);
  errno = reason;
  if (!flushed) cannot_write(path);
}

void try_to_write(const std::string& path) { TemporaryFile(path, checked_target(path)); }

}  // namespace ddpm
