// What the files of this folder share about POSIX calls and paths (Linux, macOS).
// Checked by: tests/ddpm/formats/test_file.cpp.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "kernels/types.h"

namespace ddpm {

// Maximum number of bytes per read() or write(). macOS rejects requests of 2^31 bytes and more.
inline constexpr int64_t max_request = int64_t(1) << 30;

// Repeats a system call as long as a signal interrupts it (EINTR). Returns its result.
template <typename Call>
auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// Throws Error with the path and the reason in errno.
[[noreturn]] inline void cannot_write(const std::string& path) {
  const int error = errno;
  fail("cannot write ", path, ": ", std::strerror(error),
       error == ENOSPC ? "; free some space or write elsewhere" : "");
}

// Writes all bytes. Returns false, with the reason in errno, if it cannot.
inline bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t want = std::min<size_t>(bytes.size(), max_request);
    const ssize_t n = retry([&] { return ::write(descriptor, bytes.data(), want); });
    if (n == 0) errno = EIO;
    if (n <= 0) return false;
    bytes.remove_prefix(size_t(n));
  }
  return true;
}

// Returns the folder of a file, "." for a bare name.
inline std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace ddpm
