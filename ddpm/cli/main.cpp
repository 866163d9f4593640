// Entry point of build/ddpm: sets up the process, then calls run_command (ddpm/cli/commands.h).
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <new>

#include "ddpm/cli/commands.h"

namespace ddpm {

// Shortens the time that idle OpenMP threads spin before they sleep. With GCC's default, training
// runs several times slower as soon as another process needs a core. The OpenMP library reads
// GOMP_SPINCOUNT only at program start, so this function sets it and executes the program again.
// If that fails, the program continues with the default.
static void limit_spinning(char** arguments) {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return;
  setenv("GOMP_SPINCOUNT", "1000", 1);
  execv("/proc/self/exe", arguments);
}

// Called when an allocation fails. Exits instead of throwing std::bad_alloc, because an exception
// must not leave an OpenMP region. Saved states remain intact (ddpm/run/checkpoint.h).
static void out_of_memory() {
  std::fputs("ddpm: out of memory: use a smaller --batch or network, or fewer --threads\n", stderr);
  std::_Exit(1);
}

}  // namespace ddpm

int main(int count, char** arguments) {
  ddpm::limit_spinning(arguments);
  std::set_new_handler(ddpm::out_of_memory);
  // Makes writing beyond the file size limit (ulimit -f) an error instead of a fatal signal.
  std::signal(SIGXFSZ, SIG_IGN);
  const ddpm::Console console{std::cout, std::cerr, isatty(STDERR_FILENO) != 0};
  return ddpm::run_command({arguments + 1, arguments + count}, console);
}
