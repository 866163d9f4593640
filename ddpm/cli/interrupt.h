// Orderly stop after Ctrl-C (SIGINT), SIGTERM or SIGHUP: the signal sets a flag, and long work polls it.
// Checked by: tests/ddpm/cli/test_interrupt.cpp.
#pragma once

#include "kernels/types.h"

namespace ddpm {

// Thrown by work that stopped early because of a signal. The program prints what() and exits with 130.
struct Interrupted : Error {
  using Error::Error;
};

// While the object exists, the first SIGINT, SIGTERM or SIGHUP only sets a flag. The second signal of
// the same kind ends the process. A signal that was ignored before, as under nohup, stays ignored.
// SIGPIPE is ignored. The destructor restores the default action of the signals that were not ignored
// before, and of SIGPIPE in any case. At most one object may exist at a time.
class InterruptGuard {
 public:
  InterruptGuard();  // clears the flag
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  // Returns true if a signal has arrived since the last InterruptGuard was constructed.
  static bool requested();
};

}  // namespace ddpm
