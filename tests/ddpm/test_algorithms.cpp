// Algorithms 1 and 2 as loops: every line of the paper has its mark, in order; Algorithm 1's loss is a
// parameter and its callbacks come in turn; Algorithm 2 calls the network T times, with no noise at last.
// What the lines do: tests/ddpm/test_train.cpp, tests/ddpm/test_sample.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "ddpm/data/batch.h"
#include "ddpm/forward.h"
#include "ddpm/gaussian.h"
#include "ddpm/sample.h"
#include "ddpm/train.h"
#include "tensor/ops.h"
#include "tensor/random.h"
#include "tests/support/marks.h"
#include "tests/support/near.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

// "ddpm/sample.cpp: 1 2 3", file by file, of one algorithm's marks.
std::map<std::string, std::vector<int>> lines_of(const std::string& algorithm) {
  std::map<std::string, std::vector<int>> lines;
  for (const Mark& mark : all_marks())
    if (mark.what == algorithm) lines[mark.file].push_back(mark.line);
  return lines;
}

// All that train() takes, for three images a step.
struct Training {
  TrainConfig config{.ema_decay = 0.9, .seed = 5, .adam = {}};
  Schedule schedule{std::vector<double>(10, 0.1)};
  Bars data{4, 4};
  DrawImages draw_x_0 = batches(data, {.size = 3}, 5);
  Unet network{smallest_config()}, average{smallest_config()};
  Adam adam{network.parameters(), {}};
  TrainingState state{network.parameters(), average.parameters(), adam};

  Training() {
    network.parameters().initialize(5);
    average.parameters().copy_from(network.parameters());
  }
  void run(const TrainCallbacks& callbacks, const Loss& loss = simple_loss) {
    train(config, schedule, draw_x_0, training_predictor(network, 5), state, callbacks, loss);
  }
};

}  // namespace

TEST_CASE("Algorithm 1 and 2: each stands in one file, complete, in the order in which it runs") {
  const std::vector<int> lines_1_to_6{1, 2, 3, 4, 5, 6};
  CHECK(lines_of("Algorithm 1") == std::map<std::string, std::vector<int>>{{"ddpm/train.cpp", lines_1_to_6}});
  CHECK(lines_of("Algorithm 2") ==
        std::map<std::string, std::vector<int>>{{"ddpm/sample.cpp", lines_1_to_6}});
}

TEST_CASE("Algorithm 1, line 5: another loss is minimized if one is given; its numbers are reported") {
  Training training;
  training.state.step = 6;
  int calls = 0;
  // (x_0 - eps_theta)^2: the network would learn to predict x_0.
  const Loss loss = [&](Tape& tape, const NoisePredictor& eps_theta, const Schedule& schedule,
                        const Tensor& x_0, const Tensor& x_t, const std::vector<int>& t, const Tensor& eps) {
    ++calls;
    CHECK(x_0.values() == training.draw_x_0(7).values());
    CHECK(x_t.values() == q_sample(schedule, t, x_0, eps).values());
    CHECK(eps.values() == standard_normal(x_0.shape(), {training.config.seed, purpose_noise, 7, 0}).values());
    Losses losses;
    losses.on_tape = mean_squared_error(tape, eps_theta(tape, x_t, t), x_0, &losses.values);
    return losses;
  };
  StepReport report;
  training.run(
      {.after_step = [&](const StepReport& made) { report = made; }, .converged = [] { return true; }}, loss);
  CHECK(calls == 1);
  CHECK(training.state.step == 7);
  // A fresh network predicts 0: the loss is the mean square of x_0.
  const PerImage want = squared_norm(training.draw_x_0(7)) / 16.0;
  for (size_t b = 0; b < 3; ++b) CHECK(near(report.losses[b], want[b], 0, 1e-2));
  CHECK(near(report.mean_loss(), want.sum() / 3, 0, 1e-2));
}

TEST_CASE("Algorithm 1, line 5: a loss must return one number per image") {
  Training training;
  const TrainCallbacks once{.converged = [] { return true; }};
  // simple_loss with `values` numbers for the log, and one number per image on the tape or their mean.
  const auto returning = [](int values, bool per_image) {
    return [=](Tape& tape, const NoisePredictor& eps_theta, const Schedule&, const Tensor&, const Tensor& x_t,
               const std::vector<int>& t, const Tensor& eps) {
      const Tensor losses = mean_squared_error(tape, eps_theta(tape, x_t, t), eps);
      return Losses{PerImage(1.0, size_t(values)), per_image ? losses : mean(tape, losses)};
    };
  };
  CHECK_THROWS_WITH_AS(training.run(once, returning(1, true)),
                       doctest::Contains("1 and (3) losses for 3 images"), std::logic_error);
  CHECK_THROWS_WITH_AS(training.run(once, returning(3, false)),
                       doctest::Contains("3 and (1) losses for 3 images"), std::logic_error);
  CHECK_NOTHROW(training.run(once, returning(3, true)));
}

TEST_CASE("Algorithm 1, lines 1 and 6: after_step comes before converged, once each per step") {
  Training training;
  const int64_t& step = training.state.step;
  std::vector<std::string> called;
  training.run({.after_step = [&](const StepReport&) { called.push_back(text("after ", step)); },
                .converged = [&] { return called.push_back("converged?"), step == 2; }});
  CHECK(called == std::vector<std::string>{"after 1", "converged?", "after 2", "converged?"});
}

TEST_CASE("Algorithm 2: the network is called T times, t = T..1, and x_0 is the last mean itself") {
  const Schedule schedule(std::vector<double>(7, 0.2));
  std::vector<int> seen;
  Tensor last_x, last_eps;
  const NoisePredictor eps_theta = [&](Tape&, const Tensor& x, const std::vector<int>& t) {
    CHECK(t == std::vector<int>(3, t[0]));
    seen.push_back(t[0]);
    last_x = x, last_eps = linear_combination(0.5, x, 0, x);
    return last_eps;
  };
  const Tensor x_0 = sample(eps_theta, {4}, schedule, {Variance::beta, Clip::off}, 11, 0, 3);
  CHECK(seen == std::vector<int>{7, 6, 5, 4, 3, 2, 1});
  // Line 3 at t = 1: z = 0, so that x_0 is the mean to rounding. With noise it would differ by sigma_1 = 0.4.
  const Tensor mean = reverse_mean(schedule, 1, last_x, last_eps);
  CHECK(mismatch(x_0.data(), mean.data(), 12, 1e-6) == "");
}

TEST_CASE("Algorithm 2: each step's noise is its own stream's, and t = 1 has none") {
  const Schedule schedule(std::vector<double>(3, 0.2));
  std::vector<Tensor> x;
  const NoisePredictor zero = [&](Tape&, const Tensor& x_t, const std::vector<int>&) {
    x.push_back(x_t);
    return Tensor::zeros(x_t.shape());
  };
  x.push_back(sample(zero, {4}, schedule, {Variance::beta, Clip::off}, 11, 0, 1));
  std::reverse(x.begin(), x.end());  // x_3, x_2, x_1, x_0 came in this order
  for (uint32_t t : {3u, 2u, 1u}) {
    const Tensor mean = reverse_mean(schedule, t, x[t], Tensor::zeros({1, 4}));
    const Tensor z = standard_normal({1, 4}, {11, purpose_reverse, t, 0});
    const Tensor want = t > 1 ? linear_combination(1, mean, sigma(schedule, t, Variance::beta), z) : mean;
    CHECK(x[t - 1].values() == want.values());
  }
}

}  // namespace ddpm::test
