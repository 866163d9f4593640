// What a person sees of long work: one line, redrawn on a terminal, and a plain
// line now and then elsewhere. Also the clock.
// Checked by: tests/test_log.cpp.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

// Where a command talks. err gets progress and warnings, out the results.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  // is err one?
};

// Seconds since it was made.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// "0:07", "12:34", "3:00:00"; "?" for what is no time.
std::string clock_text(double seconds);

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
