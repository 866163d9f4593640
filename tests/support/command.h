// Runs a command of the program, such as `ddpm train`, in the test's process.
#pragma once

#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "ddpm/cli/commands.h"
#include "tests/support/files.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

struct Outcome {
  int code;
  std::string out, err;
};

// Keeps what is written to it, and calls act() whenever it is flushed.
struct OnFlush : std::stringbuf {
  std::function<void()> act = [] {};
  int sync() override { return act(), 0; }
};

// Runs `ddpm WORDS...`, the words separated by blanks. Calls act() whenever the command shows its progress or
// a warning.
inline Outcome ddpm(
    const std::string& words, const std::function<void()>& act = [] {}) {
  std::istringstream split(words);
  std::vector<std::string> arguments;
  for (std::string word; split >> word;) arguments.push_back(word);
  std::ostringstream out;
  OnFlush buffer;
  buffer.act = act;
  std::ostream err(&buffer);
  const int code = run_command(arguments, {out, err});
  return {code, out.str(), buffer.str()};
}

// Runs a command, which must succeed. Returns what it printed.
inline std::string succeed(const std::string& words) {
  const Outcome outcome = ddpm(words);
  INFO("ddpm " << words << ": " << outcome.err);
  CHECK(outcome.code == 0);
  return outcome.out;
}

// Runs a command, which must end with this code and a sentence that contains every part.
inline void refuse(const std::string& words, int code, const std::vector<std::string>& parts) {
  const Outcome outcome = ddpm(words);
  INFO("ddpm " << words << ": " << outcome.err);
  CHECK(outcome.code == code);
  for (const std::string& part : parts) CHECK_MESSAGE(contains(outcome.err, part), part);
  CHECK_FALSE(contains(outcome.err, "internal error"));
}

// The options of a network and a schedule that train in milliseconds.
inline const std::string small =
    " --channels 4 --multipliers 1,2 --blocks 1 --groups 2 --attention 4 --T 4 --batch 3 --lr 0.01 --warmup 2"
    " --threads 1 ";

// Returns the seconds of a time that a progress line shows: 3723 of "1:02:03".
inline double seconds_of(const std::string& clock) {
  double seconds = 0;
  std::istringstream in(clock);
  for (std::string part; std::getline(in, part, ':');) seconds = 60 * seconds + std::stod(part);
  return seconds;
}

}  // namespace ddpm::test
