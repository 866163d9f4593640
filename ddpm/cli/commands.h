// The program's commands. Each command has a table of options and a function that runs it.
// Checked by: tests/ddpm/cli/test_cli.cpp.
#pragma once

#include <string>
#include <vector>

#include "ddpm/cli/options.h"
#include "ddpm/cli/progress.h"

namespace ddpm {

struct Command {
  std::string name, summary;
  std::vector<Option> options;
  // Runs the command. Prints results to console.out, progress and warnings to console.err.
  // Throws UsageError, Error or Interrupted.
  void (*run)(Options& options, const Console& console);
  // The commands that the next argument selects from, as in `ddpm figure schedule`. If there are any, this
  // command has no options and no `run` of its own.
  std::vector<Command> parts = {};
};

// Each function returns one command. The command lives until the program ends.
const Command& train_command();
const Command& sample_command();
const Command& predict_command();
const Command& schedule_command();
const Command& describe_command();
const Command& score_command();
const Command& figure_command();

// Checks `ddpm ARGUMENTS...` without running it. Throws UsageError unless it names a command, and every
// option is one of the command's, has a valid value and is given once.
void check_command(const std::vector<std::string>& arguments);

// Runs `ddpm ARGUMENTS...` and prints any error to console.err. Returns the exit code: 0 for success,
// 2 for a UsageError, 130 for Interrupted, 1 for every other std::exception.
int run_command(const std::vector<std::string>& arguments, const Console& console);

}  // namespace ddpm
