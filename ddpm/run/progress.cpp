// See ddpm/run/progress.h. Checked by: tests/test_log.cpp.
#include "ddpm/run/progress.h"

#include <cmath>
#include <ostream>

#include "kernels/types.h"

std::string clock_text(double seconds) {
  if (!(seconds >= 0 && seconds < 1e9)) return "?";
  const auto whole = std::lround(seconds);
  const long hours = whole / 3600, minutes = whole / 60 % 60, rest = whole % 60;
  const auto two = [](long n) { return text(n < 10 ? "0" : "", n); };
  return hours ? text(hours, ":", two(minutes), ":", two(rest)) : text(minutes, ":", two(rest));
}

void Progress::show(const std::string& line) {
  // ESC [K erases what is left of a longer line.
  if (console_.terminal)
    console_.err << "\r" << line << "\x1b[K" << std::flush;
  else
    console_.err << line << "\n" << std::flush;
  shown_ = true;
  open_ = console_.terminal;
  since_ = Stopwatch();
}

void Progress::finish() {
  if (open_) console_.err << "\n" << std::flush;
  open_ = false;
}
