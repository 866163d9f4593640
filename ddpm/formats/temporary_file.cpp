// See ddpm/formats/temporary_file.h. Checked by: tests/ddpm/formats/test_file.cpp.
#include "ddpm/formats/temporary_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <charconv>

#include "ddpm/formats/system_calls.h"

namespace ddpm {

namespace {

const std::string temporary_mark = ".tmp-";
constexpr int temporary_tries = 100;
// Stands for a target whose name leaves no room for the rest of a temporary file's name.
const std::string short_target = "long-name";

std::string temporary_name(const std::string& target, pid_t pid, int n) {
  return text(target, temporary_mark, pid, "-", n);
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

}  // namespace

TemporaryFile::TemporaryFile(const std::string& path, const std::string& target)
    : path_(path), target_(target) {
  if (!create(target) && errno == ENAMETOOLONG) create(folder_of(target) + "/" + short_target);
  if (descriptor_ < 0) cannot_write(path_);
}

TemporaryFile::~TemporaryFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!permanent_) unlink(name_.c_str());
}

void TemporaryFile::write(std::string_view bytes) {
  if (!write_all(descriptor_, bytes)) cannot_write(path_);
}

void TemporaryFile::finish() {
  if (retry([&] { return fsync(descriptor_); }) != 0) cannot_write(path_);
  const int closed = close(descriptor_);
  descriptor_ = -1;
  if (closed != 0 && errno != EINTR) cannot_write(path_);
}

std::string TemporaryFile::place(Existing existing) {
  const bool placed = existing == Existing::keep ? rename_to_free_name(name_, target_)
                                                 : rename(name_.c_str(), target_.c_str()) == 0;
  if (!placed && (existing == Existing::replace || errno != EEXIST)) cannot_write(path_);
  permanent_ = true;
  flush_folder();
  return placed ? "" : text(path_, " has appeared meanwhile and is kept: what was to be there is in ", name_);
}

// Creates the file under a name of `target`. Returns false, with the reason in errno, if it cannot.
bool TemporaryFile::create(const std::string& target) {
  for (int n = 0; descriptor_ < 0 && n < temporary_tries; ++n) {
    name_ = temporary_name(target, getpid(), n);
    descriptor_ = retry([&] { return open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); });
    if (descriptor_ < 0 && errno != EEXIST) break;
  }
  return descriptor_ >= 0;
}

// Flushes the folder to disk, so that the rename survives a power cut. Ignores errors, because the
// new file is already in place and some file systems cannot flush a folder.
void TemporaryFile::flush_folder() const {
  const int folder = open(folder_of(target_).c_str(), O_RDONLY | O_CLOEXEC);
  if (folder < 0) return;
  retry([&] { return fsync(folder); });
  close(folder);
}

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
