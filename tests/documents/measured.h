// Blocks of kind `measured`: figures that depend on the machine, and below them the machine, the date and
// the command that printed them:
//
//   <!-- measured COMMAND -->
//   | ... |
//
//   *Intel(R) Xeon(R) Processor, 2 cores, AVX-512, 2026-11-26: `COMMAND`*
//   <!-- end -->
//
// Checked by: tests/project/test_measured.cpp.
#pragma once

#include "tests/documents/blocks.h"

namespace ddpm::documents {

// Returns the name of this machine for source_line(): processor, cores, vector instructions.
std::string machine();

// Returns the last line of a block, without a line feed. `date` is YYYY-MM-DD.
std::string source_line(const std::string& machine, const std::string& date, const std::string& command);
// Returns the content of a block: what the command printed, in a fence unless it has a table in Markdown,
// then a blank line and the source line with this machine and today's date.
std::string measured_content(const std::string& printed, const std::string& command);

// Checks every measured block of the document: it has a content, its command exists
// (tests/documents/commands.h), and its last line names a machine, a date and the same command.
Complaints measured_complaints(const std::string& document);

// Looks for measurements that no command wrote: a number with a unit of time, memory or speed, or with a
// percent sign, outside of blocks, fences and `code`. A line that contains one of the texts of `allowed`
// is skipped.
Complaints bare_complaints(const std::string& document, const std::vector<std::string>& allowed);

}  // namespace ddpm::documents
