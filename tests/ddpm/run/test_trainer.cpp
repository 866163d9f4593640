// Checks the trainer (ddpm/run/trainer.h): its steps are those of Algorithm 1, its logs, progress line and
// sample grids are those of the raw weights and of the average. How training ends:
// tests/ddpm/run/test_trainer_ends.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "ddpm/data/image.h"
#include "ddpm/formats/file.h"
#include "ddpm/run/preflight.h"
#include "ddpm/sample.h"
#include "tests/support/command.h"
#include "tests/support/near.h"
#include "tests/support/small_run.h"
#include "tests/support/steps.h"

namespace ddpm::test {

namespace {

// A network, its average and its optimizer, with initial values or as the run has saved them.
struct State {
  Unet network, average;
  Adam adam;
  TrainingState state{network.parameters(), average.parameters(), adam};

  explicit State(const SmallRun& run)
      : network(run.options.network), average(run.options.network),
        adam(network.parameters(), run.options.train.adam) {
    network.parameters().initialize(run.options.train.seed);
    average.parameters().copy_from(network.parameters());
  }
  void load(const SmallRun& run) { REQUIRE(load_state(run.path, state)); }
};

// The parts of a progress line.
struct ProgressLine {
  std::string step, loss, rate, elapsed, left;
  explicit ProgressLine(const std::string& line) {
    std::string word;
    std::istringstream in(line);
    in >> word >> step >> word >> loss >> rate >> word >> elapsed >> word >> left >> word;
    CHECK(line == "step " + step + "  loss " + loss + "  " + rate + " images/s  " + elapsed + " elapsed  " +
                      left + " left");
  }
};

}  // namespace

TEST_CASE("Algorithm 1 in a run: makes steps 1, 2, 3, ... until there are enough, also when resumed") {
  SmallRun run;
  run.options.train.adam.warmup = 4;  // so that each step has its own learning rate
  run.train({.stop_after = 2});
  CHECK(run.table("log.csv").size() == 3);  // the header and two steps
  run.train({});
  State want(run);
  const std::vector<std::string> log = run.table("log.csv");
  REQUIRE(log.size() == 6);
  for (int64_t step = 1; step <= 5; ++step) {
    const StepReport report = one_step(run.options.train, run.schedule(), run.draw_x_0(), step, want.network,
                                       want.adam, want.average.parameters());
    const std::string row =
        text(step, ",", cells(loss_by_time(report.t, report.losses, 10)), ",",
             learning_rate(run.options.train.adam, step), ",", report.grad_norm, ",", 3 * step, ",");
    CHECK_MESSAGE(log[size_t(step)].starts_with(row), row);
  }
  State got(run);
  got.load(run);
  CHECK(got.state.step == 5);
  CHECK(weights(got.network.parameters()) == weights(want.network.parameters()));
  CHECK(weights(got.average.parameters()) == weights(want.average.parameters()));
  for (size_t i = 0; i < want.adam.m.size(); ++i) {
    CHECK(got.adam.m[i].values() == want.adam.m[i].values());
    CHECK(got.adam.v[i].values() == want.adam.v[i].values());
  }
}

TEST_CASE("trainer: its progress line shows loss, images per second, and times elapsed and left") {
  SmallRun run;
  run.options.steps = 1'000'000;
  std::vector<ProgressLine> lines;
  Reporter reporter;
  reporter.progress = [&](const std::string& line, bool last) {
    lines.emplace_back(line);
    CHECK(last == (lines.size() == 120 || lines.size() == 122));
    return false;
  };
  const auto train = [&](int64_t stop_after) {
    Trainer(run.path, run.options, run.training, run.test).train({.stop_after = stop_after}, reporter);
    return run.table("log.csv");
  };
  std::vector<std::string> log = train(120);
  double mean = 0;
  REQUIRE(lines.size() == 120);
  for (int step = 1; step <= 120; ++step) {
    const ProgressLine& line = lines[size_t(step - 1)];
    const double seconds = cell(log[size_t(step)], 9), rate = step / seconds;
    mean += (cell(log[size_t(step)], 1) - mean) / std::min(step, 100);
    CHECK(line.step == text(step, "/1000000"));
    CHECK(near(std::stod(line.loss), mean, 6e-5));
    CHECK(near(std::stod(line.rate), 3 * rate, 0.51, 1e-5));
    CHECK(line.elapsed == clock_text(seconds));
    CHECK(near(seconds_of(line.left), (1'000'000 - step) / rate, 0.51, 1e-5));
  }

  // Resumes for 100 minutes, with a log that says that the 120 steps took 9 seconds.
  log.back().replace(log.back().rfind(',') + 1, log.back().npos, "9");
  std::string edited;
  for (const std::string& row : log) edited += row + "\n";
  write_file(run.path + "/log.csv", edited);
  run.options.steps = 0, run.options.minutes = 100;
  log = train(122);
  REQUIRE(lines.size() == 122);
  CHECK(lines[120].step == "121");
  CHECK(near(std::stod(lines[120].loss), cell(log[121], 1), 6e-5));
  const double seconds = cell(log[122], 9);
  CHECK(seconds > 9);
  CHECK(near(std::stod(lines[121].rate), 2 * 3 / (seconds - 9), 1, 0.2));
  CHECK(near(seconds_of(lines[121].elapsed), seconds, 0.51));
  CHECK(near(seconds_of(lines[121].left), 6000 - seconds, 0.51));
}

TEST_CASE("trainer: reports data, schedule, network and run before training") {
  SmallRun run;
  const std::string data = data_line(run.training, summarize(run.training)) +
                           schedule_lines(run.schedule(), summarize(run.training).mean_square, "do more");
  const std::string network =
      "network   " + grouped(Unet(run.options.network).parameters().count()) + " parameters\n";
  const std::string recipe =
      text(" of 3 images, rate 0.01, EMA decay 0.6, ", kernels::threads(), " threads\nrun       ", run.path);
  const auto preflight = [&] {
    return Trainer(run.path, run.options, run.training, run.test).preflight("do more");
  };
  CHECK(preflight() == data + network + "training  5 steps" + recipe + "\n");
  run.train({.stop_after = 2});
  run.options.steps = 0, run.options.minutes = 7.5;
  CHECK(preflight() == data + network + "training  7.5 minutes" + recipe + ", continued after step 2\n");
}

TEST_CASE("trainer: validation.csv has the losses of the raw weights, then of the average") {
  SmallRun run;
  run.train({});
  State saved(run);
  saved.load(run);
  const Schedule schedule = run.schedule();
  const Validation validation(run.test, schedule);
  const std::string raw = cells(validation.loss(saved.network)), ema = cells(validation.loss(saved.average));
  CHECK(raw != ema);
  const std::vector<std::string> log = run.table("validation.csv");
  CHECK(log[0] == "step,raw_loss,raw_q1,raw_q2,raw_q3,raw_q4,ema_loss,ema_q1,ema_q2,ema_q3,ema_q4");
  CHECK(log.back() == "5," + raw + "," + ema);
}

TEST_CASE("trainer: a sample grid shows raw weights and average, from the same noise") {
  SmallRun run;
  run.train({.sample_every = 5});
  State saved(run);
  saved.load(run);
  const auto draw = [&](const Unet& network) {
    const int size = network.config().image_size;
    return sample(noise_predictor(network), {size, size, 1}, run.schedule(), run.options.diffusion.reverse,
                  run.options.train.seed, 0, 16);
  };
  const Tensor raw = draw(saved.network), ema = draw(saved.average);
  CHECK(raw.values() != ema.values());
  std::vector<real> grid;
  for (int place = 0; place < 32; ++place) {
    const int row = place / 8, column = place % 8;
    const real* image = (column < 4 ? raw : ema).data() + (4 * row + column % 4) * 64;
    grid.insert(grid.end(), image, image + 64);
  }
  write_grid(run.folder / "want.png", grid.data(), 32, 8, 8, 1, 8);
  CHECK(read_bytes(run.path + "/samples/step-000005.png") == read_bytes(run.folder / "want.png"));
}

TEST_CASE("trainer: a sample grid that is missing is made when the run is resumed, from the same weights") {
  SmallRun run;
  const std::string second = run.path + "/samples/step-000002.png";
  const std::string last = run.path + "/samples/step-000005.png";
  run.train({.stop_after = 2, .sample_every = 1});
  const std::string want = read_bytes(second);
  std::filesystem::remove(second);
  run.train({.stop_after = 2});
  CHECK_FALSE(std::filesystem::exists(second));
  run.train({.stop_after = 2, .sample_every = 3});
  CHECK_FALSE(std::filesystem::exists(second));
  run.train({.sample_every = 1});
  CHECK(read_bytes(second) == want);

  write_file(last, "there is one");
  run.train({.sample_every = 1});
  CHECK(read_bytes(last) == "there is one");
}

TEST_CASE("trainer: a sample grid that cannot be made does not end training") {
  SmallRun run;
  write_file(run.path + "/samples", "");
  run.train({.sample_every = 5});
  REQUIRE(run.warnings.size() == 1);
  CHECK(contains(run.warnings[0], "no samples at step 5: cannot write"));
  CHECK(run.end == End::finished);
}

}  // namespace ddpm::test
