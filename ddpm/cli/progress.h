// What a person sees of long work: one line, redrawn on a terminal, and a plain
// line now and then elsewhere.
// Checked by: tests/test_log.cpp.
#pragma once

#include <iosfwd>
#include <string>

#include "ddpm/cli/interrupt.h"
#include "ddpm/run/reporter.h"

namespace ddpm {

// Where a command talks. err gets progress and warnings, out the results.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  // is err one?
};

class Progress {
 public:
  explicit Progress(const Console& console) : console_(console) {}
  ~Progress() { finish(); }

  // Is it time for the next line? Twice a second on a terminal, else every ten seconds.
  bool due() const { return !shown_ || since_.seconds() > (console_.terminal ? 0.5 : 10); }
  void show(const std::string& line);
  // Ends a redrawn line, so that other text may follow.
  void finish();

 private:
  const Console& console_;
  Stopwatch since_;
  bool shown_ = false, open_ = false;
};

// What a command holds while run/ or score/ work for it: Ctrl-C asks the work to end, and its
// progress is shown.
class LongWork {
 public:
  explicit LongWork(const Console& console);
  Reporter reporter();  // calls back into this object
  void finish() { progress_.finish(); }

 private:
  const Console& console_;
  InterruptGuard guard_;
  Progress progress_;
};

}  // namespace ddpm
