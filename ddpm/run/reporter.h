// Callbacks with which long work reports to its caller, and a stopwatch.
// Checked by: tests/ddpm/run/test_trainer.cpp, tests/ddpm/cli/test_progress.cpp.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace ddpm {

// Callbacks of long work. By default, they print nothing and never stop the work.
struct Reporter {
  // Receives a progress line. `last` is true for the final line. Returns whether the line was shown.
  std::function<bool(const std::string& line, bool last)> progress = [](const std::string&, bool) {
    return false;
  };
  // Receives a sentence about a failure that does not end the work.
  std::function<void(const std::string& sentence)> warn = [](const std::string&) {};
  // Called once per step. Returns true if the work must stop.
  std::function<bool()> stop = [] { return false; };
};

// Measures the seconds since its construction.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Formats seconds as "0:07", "12:34" or "3:00:00". Returns "?" unless 0 <= seconds < 1e9.
std::string clock_text(double seconds);

}  // namespace ddpm
