// Runs a command of the shell: see shell.h.
#include "tests/documents/shell.h"

#include <sys/wait.h>

#include <csignal>
#include <cstdio>

#include "kernels/types.h"

namespace ddpm::documents {

Printed run_shell(const std::string& command) {
  const std::string prepared = "set -o pipefail; unset MAKEFLAGS MAKELEVEL MFLAGS; " + command;
  std::string quoted;
  for (const char c : prepared) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  std::FILE* pipe = popen(("exec bash -c '" + quoted + "'").c_str(), "r");
  if (!pipe) fail("cannot start a process for ", command);
  Printed printed{false, ""};
  char buffer[4096];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) printed.output.append(buffer, n);
  // A command whose output `head` cuts off may end by SIGPIPE, which bash tells as 128 + 13.
  const int status = pclose(pipe);
  printed.ok = status == 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGPIPE);
  return printed;
}

}  // namespace ddpm::documents
