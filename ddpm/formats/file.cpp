// See ddpm/formats/file.h. Checked by: tests/ddpm/formats/test_file.cpp.
#include "ddpm/formats/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <list>

#include "kernels/types.h"

namespace ddpm {

namespace {

// Maximum number of bytes per read() or write(). macOS rejects requests of 2^31 bytes and more.
constexpr int64_t max_request = int64_t(1) << 30;

const std::string temporary_mark = ".tmp-";
constexpr int temporary_tries = 100;
// Stands for a target whose name leaves no room for the rest of a temporary file's name.
const std::string short_target = "long-name";

std::string temporary_name(const std::string& target, pid_t pid, int n) {
  return text(target, temporary_mark, pid, "-", n);
}

// Repeats a system call as long as a signal interrupts it (EINTR). Returns its result.
template <typename Call>
auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

[[noreturn]] void cannot_read(const std::string& path) {
  const int error = errno;
  fail("cannot read ", path, ": ", std::strerror(error));
}

[[noreturn]] void cannot_write(const std::string& path) {
  const int error = errno;
  fail("cannot write ", path, ": ", std::strerror(error),
       error == ENOSPC ? "; free some space or write elsewhere" : "");
}

// Writes all bytes. Returns false, with the reason in errno, if it cannot.
bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t want = std::min<size_t>(bytes.size(), max_request);
    const ssize_t n = retry([&] { return ::write(descriptor, bytes.data(), want); });
    if (n == 0) errno = EIO;
    if (n <= 0) return false;
    bytes.remove_prefix(size_t(n));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
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

// Renames a file unless something has the new name. Returns false, with the reason in errno, if it cannot.
bool rename_to_free_name(const std::string& from, const std::string& to) {
  if (link(from.c_str(), to.c_str()) == 0) {
    unlink(from.c_str());
    return true;
  }
  struct stat other;
  if (errno == EEXIST || lstat(to.c_str(), &other) == 0) return errno = EEXIST, false;
  return rename(from.c_str(), to.c_str()) == 0;  // the file system has no hard links
}

// A temporary file in the target's folder. The destructor deletes it unless place() has made it permanent.
class TemporaryFile {
 public:
  // Creates the file. `path` appears in error messages; place() creates or replaces `target`.
  TemporaryFile(const std::string& path, const std::string& target) : path_(path), target_(target) {
    if (!create(target) && errno == ENAMETOOLONG) create(folder_of(target) + "/" + short_target);
    if (descriptor_ < 0) cannot_write(path_);
  }

  ~TemporaryFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!permanent_) unlink(name_.c_str());
  }

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view bytes) {
    if (!write_all(descriptor_, bytes)) cannot_write(path_);
  }

  // Flushes the bytes to disk, because a power cut could otherwise leave incomplete content under the
  // target's name.
  void finish() {
    if (retry([&] { return fsync(descriptor_); }) != 0) cannot_write(path_);
    const int closed = close(descriptor_);
    descriptor_ = -1;
    if (closed != 0 && errno != EINTR) cannot_write(path_);
  }

  // Renames the file to the target. If the target exists and is to be kept, leaves the file under its own
  // name. Returns "", or the sentence about that.
  std::string place(Existing existing) {
    const bool placed = existing == Existing::keep ? rename_to_free_name(name_, target_)
                                                   : rename(name_.c_str(), target_.c_str()) == 0;
    if (!placed && (existing == Existing::replace || errno != EEXIST)) cannot_write(path_);
    permanent_ = true;
    flush_folder();
    return placed ? ""
                  : text(path_, " has appeared meanwhile and is kept: what was to be there is in ", name_);
  }

 private:
  // Creates the file under a name of `target`. Returns false, with the reason in errno, if it cannot.
  bool create(const std::string& target) {
    for (int n = 0; descriptor_ < 0 && n < temporary_tries; ++n) {
      name_ = temporary_name(target, getpid(), n);
      descriptor_ = retry([&] { return open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); });
      if (descriptor_ < 0 && errno != EEXIST) break;
    }
    return descriptor_ >= 0;
  }

  // Flushes the folder to disk, so that the rename survives a power cut. Ignores errors, because the
  // new file is already in place and some file systems cannot flush a folder.
  void flush_folder() const {
    const int folder = open(folder_of(target_).c_str(), O_RDONLY | O_CLOEXEC);
    if (folder < 0) return;
    retry([&] { return fsync(folder); });
    close(folder);
  }

  std::string path_, target_, name_;
  int descriptor_ = -1;
  bool permanent_ = false;
};

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

std::string temporary_target(const std::string& path) {
  const size_t mark = path.rfind(temporary_mark);
  if (mark == path.npos) return "";
  const char* const end = path.data() + path.size();
  pid_t pid = 0;
  int n = 0;
  const char* const dash = std::from_chars(path.data() + mark + temporary_mark.size(), end, pid).ptr;
  if (dash != end) std::from_chars(dash + 1, end, n);
  const std::string target = path.substr(0, mark);
  const bool exact = pid > 0 && n >= 0 && n < temporary_tries && path == temporary_name(target, pid, n);
  return exact ? target : "";
}
}  // namespace ddpm
