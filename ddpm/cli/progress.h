// Prints the progress of long work: on a terminal as one line that is redrawn, elsewhere as a new line
// every ten seconds. Checked by: tests/ddpm/cli/test_progress.cpp.
#pragma once

#include <iosfwd>
#include <string>

#include "ddpm/cli/interrupt.h"
#include "ddpm/run/reporter.h"

namespace ddpm {

// Output streams of a command: `out` for results, `err` for progress, warnings and errors.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  // whether err is a terminal
};

// The progress line. The console must outlive the object.
class Progress {
 public:
  explicit Progress(const Console& console) : console_(console) {}
  ~Progress() { finish(); }

  // Returns true if no line was shown yet or the last one is old: 0.5 s on a terminal, 10 s elsewhere.
  bool due() const { return !shown_ || since_.seconds() > (console_.terminal ? 0.5 : 10); }
  // Prints the line. On a terminal, it replaces the previous line.
  void show(const std::string& line);
  // Ends the line on a terminal, so that other text can follow.
  void finish();

 private:
  const Console& console_;
  Stopwatch since_;
  bool shown_ = false, open_ = false;
};

// Connects long work in ddpm/run or ddpm/score to the console: shows its progress and warnings, and
// stops it on Ctrl-C. The console must outlive the object.
class LongWork {
 public:
  explicit LongWork(const Console& console);
  // Returns the callbacks for the work. They must not be called after this object is destroyed.
  Reporter reporter();
  // Ends the progress line on a terminal, so that other text can follow.
  void finish() { progress_.finish(); }

 private:
  const Console& console_;
  InterruptGuard guard_;
  Progress progress_;
};

}  // namespace ddpm
