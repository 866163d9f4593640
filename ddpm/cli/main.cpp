// The program build/ddpm. Everything it does is in commands.h.
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "ddpm/cli/commands.h"

int main(int count, char** arguments) {
  // A file that would grow beyond the shell's limit (ulimit -f) is an error, not the end.
  std::signal(SIGXFSZ, SIG_IGN);
  const Console console{std::cout, std::cerr, isatty(STDERR_FILENO) != 0};
  return run_command({arguments + 1, arguments + count}, console);
}
