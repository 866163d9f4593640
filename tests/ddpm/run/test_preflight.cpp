// Checks the report before training (ddpm/run/preflight.h): the data's statistics against plain sums, L_T and
// its warning.
#include <doctest/doctest.h>

#include "ddpm/run/preflight.h"
#include "tests/support/images.h"
#include "tests/support/near.h"

namespace ddpm::test {

TEST_CASE("preflight: range, mean and mean square of the data, and L_T") {
  const ScratchFolder folder;
  const auto data = open_dataset(put_images(folder), Split::train);
  const DataSummary summary = summarize(*data);
  double mean = 0, square = 0;
  for (int i = 0; i < 8; ++i)
    for (const uint8_t p : pixels_of(*data, i))
      mean += (p / 127.5 - 1) / 512, square += (p / 127.5 - 1) * (p / 127.5 - 1) / 512;
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
  CHECK(grouped(0x1p70) == "1,180,591,620,717,411,303,424");
  CHECK(digits(0x1p70) == "1180591620717411303424");
  CHECK(digits(0) == "0");
}

TEST_CASE("preflight: a schedule whose alpha_bar_T is far from the paper's gets its lines") {
  ScheduleConfig config;
  CHECK(unusual_schedule_lines(make_schedule(config), "do") == "");
  config.T = 2000;  // betas that were not scaled to the longer chain
  const Schedule twice = make_schedule(config);
  CHECK(unusual_schedule_lines(twice, "do") == schedule_lines(twice, 1, "do"));
  CHECK(unusual_schedule_lines(twice, "do").starts_with("schedule  T = 2000, beta 0.0001 to 0.02: sqrt("));
  CHECK_FALSE(contains(unusual_schedule_lines(twice, "do"), "warning"));
  config.T = 100;
  CHECK(contains(unusual_schedule_lines(make_schedule(config), "do more"), "trained on; do more"));
}

TEST_CASE("preflight: the name of the data, which may come from a file, is escaped") {
  const auto digits = open_dataset("digits", Split::train);
  digits->name = "a\x1b[2J";
  CHECK(data_line(*digits, {-1, 1, 0, 1}).starts_with("data      a\\u001b[2J: endless images"));
}

TEST_CASE("preflight: the lines on the data and the schedule, word for word") {
  const auto digits = open_dataset("digits", Split::train);
  CHECK(data_line(*digits, {-1, 0.98765, -0.75432, 0.8}) ==
        "data      digits: endless images of 28x28x1 in [-1, 0.988], mean -0.754\n");
  CHECK(schedule_lines(make_schedule({}), 1, "") ==
        "schedule  T = 1000, beta 0.0001 to 0.02: sqrt(alpha_bar_T) = 0.006353, L_T = 2.911e-05 bits/dim\n");
}

}  // namespace ddpm::test
