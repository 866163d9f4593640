// Entry point of build/ddpm: sets up the process, then calls run_command (ddpm/cli/commands.h).
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <new>

#include "ddpm/cli/advice.h"
#include "ddpm/cli/commands.h"
#include "ddpm/machine/environment.h"
#include "ddpm/machine/streams.h"

namespace ddpm {

// Called when an allocation fails. Exits instead of throwing std::bad_alloc, because an exception
// must not leave an OpenMP region. Saved states remain intact (ddpm/run/checkpoint.h).
static void stop_without_memory() {
  std::fprintf(stderr, "ddpm: %s\n", out_of_memory);
  std::_Exit(1);
}

}  // namespace ddpm

int main(int count, char** arguments) {
  ddpm::open_standard_streams();
  ddpm::adjust_environment(arguments, std::cerr);
  std::set_new_handler(ddpm::stop_without_memory);
  // Makes writing beyond the file size limit (ulimit -f) an error instead of a fatal signal.
  std::signal(SIGXFSZ, SIG_IGN);
  const ddpm::Console console{std::cout, std::cerr, isatty(STDERR_FILENO) != 0};
  return ddpm::run_command({arguments + 1, arguments + count}, console);
}
