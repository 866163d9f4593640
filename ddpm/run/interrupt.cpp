// See ddpm/run/interrupt.h. Checked by: tests/test_run.cpp.
#include "ddpm/run/interrupt.h"

#include <csignal>

namespace {

volatile std::sig_atomic_t noted = 0;

extern "C" void note_signal(int signal) {
  noted = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  noted = 0;
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
  std::signal(SIGHUP, note_signal);   // the terminal was closed: save as well
  std::signal(SIGPIPE, SIG_IGN);      // whoever read our output has gone: go on
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGHUP, SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
}

bool InterruptGuard::requested() { return noted != 0; }
