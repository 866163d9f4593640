// Runs a command of the shell and returns what it printed.
#pragma once

#include <string>

namespace ddpm::test {

struct Finished {
  bool ok;    // whether it ended by itself with status 0
  bool late;  // whether it was ended after `seconds`
  std::string output;
};

// Runs the command with its output and errors in the file `log`, for at most `seconds`. May be called from
// several threads. Ctrl-C ends the command and this program. Throws Error if no process can be started.
Finished run(const std::string& command, int seconds, const std::string& log);

// Returns the last `count` lines of a text, indented.
std::string tail(const std::string& text, int count);

}  // namespace ddpm::test
