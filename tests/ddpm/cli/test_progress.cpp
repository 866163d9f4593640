// Checks what long work prints: the progress line (ddpm/cli/progress.h) and its times (ddpm/run/reporter.h).
#include <doctest/doctest.h>

#include <cmath>
#include <sstream>

#include "ddpm/cli/progress.h"

namespace ddpm::test {

TEST_CASE("progress: times, and lines on a terminal and elsewhere") {
  CHECK(clock_text(7) == "0:07");
  CHECK(clock_text(754) == "12:34");
  CHECK(clock_text(10800) == "3:00:00");
  CHECK(clock_text(3723) == "1:02:03");
  CHECK(clock_text(360610) == "100:10:10");
  CHECK(clock_text(59.5) == "1:00");
  CHECK(clock_text(0) == "0:00");
  CHECK(clock_text(-1) == "?");
  CHECK(clock_text(NAN) == "?");
  CHECK(clock_text(INFINITY) == "?");
  std::ostringstream out, err;
  const Console plain{out, err}, terminal{out, err, true};
  Progress(plain).show("half");
  CHECK(err.str() == "half\n");
  err.str("");
  Progress(terminal).show("half");
  CHECK(err.str() == "\rhalf\x1b[K\n");
}

TEST_CASE("progress: of long work, the first line, the last line and warnings are shown") {
  std::ostringstream out, err;
  const Console console{out, err};
  LongWork work(console);
  const Reporter reporter = work.reporter();
  CHECK(reporter.progress("first", false));
  CHECK_FALSE(reporter.progress("soon after", false));
  reporter.warn("no samples");
  CHECK(reporter.progress("last", true));
  CHECK(err.str() == "first\nwarning: no samples\nlast\n");
}

}  // namespace ddpm::test
