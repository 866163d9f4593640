// The program build/ddpm. Everything it does is in commands.h.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <new>

#include "ddpm/cli/commands.h"

namespace ddpm {

// Threads that wait should soon sleep: GCC's OpenMP lets them spin for long,
// and training stalls several times over as soon as something else wants a
// core. It reads the setting while the program is loaded, so the program starts
// itself again, once; where that cannot be done it goes on as it is.
static void wait_politely(char** arguments) {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return;
  setenv("GOMP_SPINCOUNT", "1000", 1);
  execv("/proc/self/exe", arguments);
}

// Memory may run out on any thread, where no exception can leave: say it here.
// Saved states are whole, whatever happens (ddpm/run/checkpoint.h).
static void out_of_memory() {
  std::fputs("ddpm: out of memory: use a smaller --batch or network, or fewer --threads\n", stderr);
  std::_Exit(1);
}

}  // namespace ddpm

int main(int count, char** arguments) {
  ddpm::wait_politely(arguments);
  std::set_new_handler(ddpm::out_of_memory);
  // A file that would grow beyond the shell's limit (ulimit -f) is an error, not the end.
  std::signal(SIGXFSZ, SIG_IGN);
  const ddpm::Console console{std::cout, std::cerr, isatty(STDERR_FILENO) != 0};
  return ddpm::run_command({arguments + 1, arguments + count}, console);
}
