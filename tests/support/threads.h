// Runs kernels with a given number of threads while the object lives.
#pragma once

#include "kernels/kernels.h"

namespace ddpm::test {

class UseThreads {
 public:
  explicit UseThreads(int threads) { kernels::set_threads(threads); }
  ~UseThreads() { kernels::set_threads(before_); }
  UseThreads(const UseThreads&) = delete;

 private:
  int before_ = kernels::threads();
};

}  // namespace ddpm::test
