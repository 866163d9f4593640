// Commands that documents show: do they exist, and do their options parse? Nothing is run.
// Checked by: tests/project/test_documents.cpp.
#pragma once

#include "tests/documents/blocks.h"

namespace ddpm::documents {

// Returns what is wrong with a command line of the shell and what to do, "" if nothing is:
//   build/ddpm COMMAND ...   the program's own parser accepts the arguments (ddpm/cli/commands.h)
//   build/bench PART ...     tests/bench/bench.cpp has those parts
//   make TARGET NAME=...     the Makefile has those targets and mentions those names
//   build/tests-float ...    anything
//   bash FILE, python3 FILE  the file exists and mentions the other words
// Of several commands (with |, && or ;) at least one must be one of these. Loops and variables are allowed.
std::string command_complaint(const std::string& line);

// Checks every command of those programs that a document shows, in a fence that begins with ```sh or as
// `code` within a line.
Complaints command_complaints(const std::string& document);

}  // namespace ddpm::documents
