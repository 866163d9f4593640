// Stands in for too little memory: the process cannot take more than some bytes beyond what it has.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace ddpm::test {

class AddressSpaceLimit {
 public:
  explicit AddressSpaceLimit(rlim_t more_bytes) {
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    getrlimit(RLIMIT_AS, &before_);
    const rlimit smaller{pages * rlim_t(sysconf(_SC_PAGESIZE)) + more_bytes, before_.rlim_max};
    setrlimit(RLIMIT_AS, &smaller);
  }
  ~AddressSpaceLimit() { setrlimit(RLIMIT_AS, &before_); }
  AddressSpaceLimit(const AddressSpaceLimit&) = delete;

 private:
  rlimit before_;
};

}  // namespace ddpm::test
