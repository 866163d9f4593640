// Running a command of the shell and reading what it printed.
#pragma once

#include <string>

namespace ddpm::test {

struct Outcome {
  bool ok;    // it ended by itself with status 0
  bool late;  // it was ended after `seconds`
  std::string output;
};

// Output and errors go through the file `log`. Safe to call from several threads. Ctrl-C
// ends the command and us.
Outcome run(const std::string& command, int seconds, const std::string& log);

// The last `count` lines of a text, indented.
std::string tail(const std::string& text, int count);

}  // namespace ddpm::test
