// Ctrl-C (SIGINT), SIGTERM and SIGHUP: long work asks whether it should end, and ends
// in order. A second signal has its usual effect, at once. SIGPIPE is ignored meanwhile.
// One that the process was started to ignore (nohup) stays ignored.
// Checked by: tests/test_run.cpp.
#pragma once

#include "kernels/types.h"

namespace ddpm {

// Work that ended because it was asked to; main prints what() and exits 130.
struct Interrupted : Error {
  using Error::Error;
};

// While an object lives the two signals are noted instead of ending the process.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  static bool requested();
};

}  // namespace ddpm
