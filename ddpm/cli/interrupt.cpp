// See ddpm/cli/interrupt.h. Checked by: tests/ddpm/cli/test_interrupt.cpp.
#include "ddpm/cli/interrupt.h"

#include <csignal>

namespace ddpm {

namespace {

volatile std::sig_atomic_t noted = 0;

extern "C" void note_signal(int signal) {
  noted = 1;
  std::signal(signal, SIG_DFL);
}

// Sets the signal's handler, unless the signal is ignored. (nohup starts programs that ignore SIGHUP.)
void set_unless_ignored(int signal, void (*handler)(int)) {
  if (std::signal(signal, handler) == SIG_IGN) std::signal(signal, SIG_IGN);
}

constexpr int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};  // SIGHUP: the terminal was closed

}  // namespace

InterruptGuard::InterruptGuard() {
  noted = 0;
  for (const int signal : stop_signals) set_unless_ignored(signal, note_signal);
  std::signal(SIGPIPE, SIG_IGN);  // a closed output pipe must not end the process
}

InterruptGuard::~InterruptGuard() {
  for (const int signal : stop_signals) set_unless_ignored(signal, SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
}

bool InterruptGuard::requested() { return noted != 0; }

}  // namespace ddpm
