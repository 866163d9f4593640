// The logs of a run, the progress line, and the checks at the start.
#include "ddpm/run/log.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>

#include "ddpm/run/preflight.h"
#include "ddpm/cli/progress.h"
#include "tests/support/command.h"
#include "tests/support/near.h"

namespace ddpm::test {

TEST_CASE("log: the loss by quarter of 1..T") {
  const LossByTime loss = loss_by_time({1, 250, 251, 1000}, {1, 3, 5, 7}, 1000);
  CHECK(loss.mean == 4);
  CHECK(loss.quartile[0] == 2);
  CHECK(loss.quartile[1] == 5);
  CHECK(std::isnan(loss.quartile[2]));
  CHECK(loss.quartile[3] == 7);
  CHECK(cells(loss) == "4,2,5,,7");
  CHECK(loss_by_time({1}, {2}, 1).quartile[0] == 2);  // T below 4
}

TEST_CASE("log: rows are appended, and cut back to the checkpoint") {
  const ScratchFolder folder;
  const std::string path = folder / "log.csv";
  {
    CsvLog log(path, "step,a,b", 0);
    for (int step = 1; step <= 12; ++step) log.add(step, "x," + text(step / 4.0));
    CHECK(read_bytes(path) == "step,a,b\n");
    log.flush();
  }
  folder.put("log.csv", read_bytes(path) + "13,cut sho");
  CsvLog log(path, "step,a,b", 10);
  CHECK(log.last_cell() == "2.5");
  log.add(11, "y,1");
  log.flush();
  const std::string kept = read_bytes(path);
  CHECK(contains(kept, "\n9,x,2.25\n10,x,2.5\n11,y,1\n"));
  CHECK_FALSE(contains(kept, "12,"));
  CHECK_FALSE(contains(kept, "13,"));
  CHECK(contains(error_of([&] { CsvLog(path, "step,c", 10); }), "does not begin with"));
}

TEST_CASE("log: a disk that is full for a while leaves no half rows") {
  const ScratchFolder folder;
  const std::string path = folder / "log.csv";
  CsvLog log(path, "step,a", 0);
  std::string want = "step,a\n";
  for (int step = 1; step <= 200; ++step) log.add(step, "0.123456789"), want += text(step, ",0.123456789\n");
  std::signal(SIGXFSZ, SIG_IGN);  // as main does
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const rlimit limit{1000, old.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  const std::string error = error_of([&] { log.flush(); });
  setrlimit(RLIMIT_FSIZE, &old);
  CHECK(contains(error, "is the disk full?"));
  CHECK(read_bytes(path) == "step,a\n");
  log.flush();
  CHECK(read_bytes(path) == want);
}

TEST_CASE("progress: clock and lines") {
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

TEST_CASE("progress: of long work the first line is shown, the last, and warnings") {
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

TEST_CASE("checks: range, mean, mean square and L_T") {
  const ScratchFolder folder;
  const auto data = open_dataset(put_images(folder), Split::train);
  const DataSummary summary = summarize(*data);
  std::vector<uint8_t> pixels(64);
  double mean = 0, square = 0;
  for (int i = 0; i < 8; ++i) {
    data->image(i, pixels.data());
    for (const uint8_t p : pixels)
      mean += (p / 127.5 - 1) / 512, square += (p / 127.5 - 1) * (p / 127.5 - 1) / 512;
  }
  CHECK(near(summary.mean, mean, 1e-6));
  CHECK(near(summary.mean_square, square, 1e-6));
  CHECK(summary.lowest == -1);
  CHECK(contains(data_line(*data, summary), "8 images of 8x8x1 in [-1, "));
  CHECK(contains(schedule_lines(make_schedule({}), 0.25, ""), "L_T = 7.279e-06 bits/dim"));
  CHECK_FALSE(contains(schedule_lines(make_schedule({}), 1, ""), "warning"));
  ScheduleConfig fifty;
  fifty.T = 50;
  CHECK(contains(schedule_lines(make_schedule(fifty), 1, "do more"), "trained on; do more"));
  CHECK(contains(schedule_lines(make_schedule(fifty), 1, ""), "sqrt(alpha_bar_T) = 0.77"));
  CHECK(grouped(1623169) == "1,623,169");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(-100) == "-100");
  CHECK(grouped(-1000) == "-1,000");
}

TEST_CASE("checks: the lines on the data and the schedule, word for word") {
  const auto digits = open_dataset("digits", Split::train);
  CHECK(data_line(*digits, {-1, 0.98765, -0.75432, 0.8}) ==
        "data      digits: endless images of 28x28x1 in [-1, 0.988], mean -0.754\n");
  CHECK(schedule_lines(make_schedule({}), 1, "") ==
        "schedule  T = 1000, beta 0.0001 to 0.02: sqrt(alpha_bar_T) = 0.006353, L_T = 2.911e-05 bits/dim\n");
}

}  // namespace ddpm::test
