// How long work talks to whoever started it, and the clock. The callbacks do nothing unless they
// are set, so that tests need none. Checked by: tests/test_trainer.cpp, tests/test_log.cpp.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace ddpm {

struct Reporter {
  // Takes a line of progress, the `last` one or not; returns whether it was shown.
  std::function<bool(const std::string& line, bool last)> progress = [](const std::string&, bool) {
    return false;
  };
  // Takes a sentence about something that went wrong without ending the work.
  std::function<void(const std::string& sentence)> warn = [](const std::string&) {};
  // Asked at every step: should the work end, in order, now?
  std::function<bool()> stop = [] { return false; };
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

}  // namespace ddpm
