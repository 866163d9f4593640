// Stands in for a full disk: writing beyond a file size fails while the object lives.
#pragma once

#include <sys/resource.h>

#include <csignal>

namespace ddpm::test {

class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit smaller{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &smaller);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;

 private:
  rlimit before_;
  void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);  // otherwise the signal ends the process
};

}  // namespace ddpm::test
