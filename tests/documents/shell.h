// Runs a command of the shell and reads what it prints. Checked by: tests/project/test_documents.cpp.
#pragma once

#include <string>

namespace ddpm::documents {

struct Printed {
  bool ok;             // the command ended with status 0
  std::string output;  // its standard output
};

// Runs the command in bash, in the current folder. The command writes to this program's standard error.
// Clears MAKEFLAGS, so that a make within the command compiles on all processors. Throws Error if no process
// can be started.
Printed run_shell(const std::string& command);

}  // namespace ddpm::documents
