// See ddpm/run/reporter.h. Checked by: tests/ddpm/cli/test_progress.cpp.
#include "ddpm/run/reporter.h"

#include <cmath>

#include "kernels/types.h"

namespace ddpm {

std::string clock_text(double seconds) {
  if (!(seconds >= 0 && seconds < 1e9)) return "?";
  const auto whole = std::lround(seconds);
  const long hours = whole / 3600, minutes = whole / 60 % 60, rest = whole % 60;
  const auto two = [](long n) { return text(n < 10 ? "0" : "", n); };
  return hours ? text(hours, ":", two(minutes), ":", two(rest)) : text(minutes, ":", two(rest));
}

}  // namespace ddpm
