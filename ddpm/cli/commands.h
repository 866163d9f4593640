// The program's commands. Each is a table of options and a function; main
// only hands its arguments to run_command.
// Checked by: tests/test_cli.cpp.
#pragma once

#include <string>
#include <vector>

#include "ddpm/cli/options.h"
#include "ddpm/cli/progress.h"

namespace ddpm {

struct Command {
  std::string name, summary;
  std::vector<Option> options;
  // Throws UsageError, Error or Interrupted.
  void (*run)(Options& options, const Console& console);
};

const Command& train_command();
const Command& sample_command();
const Command& predict_command();
const Command& schedule_command();
const Command& describe_command();
const Command& score_command();

// Runs `ddpm ARGUMENTS…` and returns the exit code: 0; 1 for errors, whose
// sentence goes to console.err; 2 for a command line that cannot be
// understood; 130 after Ctrl-C or SIGTERM.
int run_command(const std::vector<std::string>& arguments, const Console& console);

}  // namespace ddpm
