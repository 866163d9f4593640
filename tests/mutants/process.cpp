// See process.h.
#include "tests/mutants/process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "kernels/types.h"
#include "tests/support/source.h"

namespace ddpm::test {

Finished run(const std::string& command, int seconds, const std::string& log) {
  const std::string line = "exec " + command + " >" + log + " 2>&1 </dev/null";
  const pid_t child = fork();
  if (child < 0) fail("cannot start a process");
  if (child == 0) {
    alarm(unsigned(seconds));  // execl keeps the alarm
    execl("/bin/sh", "sh", "-c", line.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) && WEXITSTATUS(status) == 0, WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM,
          read_source(log)};
}

std::string tail(const std::string& text, int count) {
  size_t begin = text.find_last_not_of('\n') + 1;
  while (begin > 0 && count > 0)
    if (text[--begin] == '\n') --count;
  std::string lines = text.substr(begin + (begin > 0));
  for (size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
    lines.insert(at, "      ");
    if (lines.find('\n', at) == std::string::npos) break;
  }
  return lines;
}

}  // namespace ddpm::test
