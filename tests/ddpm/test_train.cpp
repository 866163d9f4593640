// ddpm/train.cpp with a U-Net and a data set: the loss, the predictor and the callbacks that the caller
// gives, the same bits with any number of threads, errors, and that a network learns. Algorithm 1 itself,
// line by line: tests/equations/algorithms.cpp.
#include "ddpm/train.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "ddpm/data/batch.h"
#include "ddpm/forward.h"
#include "tensor/ops.h"
#include "tests/support/arrays.h"
#include "tests/support/methods.h"
#include "tests/support/scratch.h"
#include "tests/support/steps.h"
#include "tests/support/threads.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

// All that train() takes.
struct Training {
  TrainConfig config{.ema_decay = 0.9, .seed = 5, .adam = {}};
  Schedule schedule;
  Bars data;
  DrawImages draw_x_0;
  Unet network, average;
  Adam adam;
  TrainingState state{network.parameters(), average.parameters(), adam};

  Training(const UnetConfig& net, int B, int images, int T = 10, uint64_t seed = 5, double rate = 1e-3)
      : schedule(std::vector<double>(T, 0.1)), data(images, net.image_size),
        draw_x_0(batches(data, {.size = B}, seed)), network(net), average(net),
        adam(network.parameters(), {.learning_rate = rate}) {
    config.seed = seed;
    network.parameters().initialize(seed);
    average.parameters().copy_from(network.parameters());
  }
  Training() : Training(smallest_config(), 3, 4) {}

  void run(const TrainCallbacks& callbacks, const Loss& loss = simple_loss) {
    train(config, schedule, draw_x_0, training_predictor(network, config.seed), state, callbacks, loss);
  }
  // Makes step `number` and returns its report.
  StepReport step(int64_t number) {
    return one_step(config, schedule, draw_x_0, number, network, adam, average.parameters());
  }
};

const TrainCallbacks one_step_only{.converged = [] { return true; }};

// Returns the weights and their average after three steps with dropout.
std::vector<real> after_three_steps(uint64_t seed, int threads) {
  const UseThreads used(threads);
  Training training(with_dropout(small_config()), 5, 7, 10, seed);
  training.network.parameters().initialize(1);  // the same for all seeds
  for (int64_t step = 1; step <= 3; ++step) training.step(step);
  std::vector<real> all = weights(training.network.parameters());
  const std::vector<real> average = weights(training.average.parameters());
  all.insert(all.end(), average.begin(), average.end());
  return all;
}

}  // namespace

TEST_CASE("train: another loss is minimized if one is given, and its numbers are reported") {
  Training training;
  training.state.step = 6;
  int calls = 0;
  // (x_0 - eps_theta)^2: the network would learn to predict x_0.
  const Loss loss = [&](Tape& tape, const NoisePredictor& eps_theta, const Schedule& schedule,
                        const Tensor& x_0, const Tensor& x_t, const std::vector<int>& t, const Tensor& eps) {
    ++calls;
    CHECK(x_0.values() == training.draw_x_0(7).values());
    CHECK(x_t.values() == q_sample(schedule, t, x_0, eps).values());
    CHECK(eps.values() == standard_normal(x_0.shape(), {5, purpose_noise, 7, 0}).values());
    Losses losses;
    losses.on_tape = mean_squared_error(tape, eps_theta(tape, x_t, t), x_0, &losses.values);
    return losses;
  };
  StepReport report;
  training.run(
      {.after_step = [&](const StepReport& made) { report = made; }, .converged = [] { return true; }}, loss);
  CHECK(calls == 1);
  CHECK(training.state.step == 7);
  // A network with its first values predicts 0: the loss is the mean square of x_0.
  const PerImage want = squared_norm(training.draw_x_0(7)) / 16.0;
  for (size_t b = 0; b < 3; ++b) CHECK(near(report.losses[b], want[b], 0, 1e-2));
  CHECK(near(report.mean_loss(), want.sum() / 3, 0, 1e-2));
}

TEST_CASE("train: a loss must return one number per image") {
  Training training;
  // simple_loss with `values` numbers for the log, and one number per image on the tape or their mean.
  const auto returning = [](int values, bool per_image) {
    return [=](Tape& tape, const NoisePredictor& eps_theta, const Schedule&, const Tensor&, const Tensor& x_t,
               const std::vector<int>& t, const Tensor& eps) {
      const Tensor losses = mean_squared_error(tape, eps_theta(tape, x_t, t), eps);
      return Losses{PerImage(1.0, size_t(values)), per_image ? losses : mean(tape, losses)};
    };
  };
  CHECK_THROWS_WITH_AS(training.run(one_step_only, returning(1, true)),
                       doctest::Contains("1 and (3) losses for 3 images"), std::logic_error);
  CHECK_THROWS_WITH_AS(training.run(one_step_only, returning(3, false)),
                       doctest::Contains("3 and (1) losses for 3 images"), std::logic_error);
  CHECK_NOTHROW(training.run(one_step_only, returning(3, true)));
}

TEST_CASE("train: each step asks for its own predictor, then calls after_step, then converged") {
  Training training;
  const int64_t& step = training.state.step;
  std::vector<std::string> called;
  const TrainingPredictor predictor = [&](int64_t of) {
    called.push_back(text("predictor of step ", of));
    return noise_predictor(training.network);
  };
  train(training.config, training.schedule, training.draw_x_0, predictor, training.state,
        {.after_step = [&](const StepReport&) { called.push_back(text("after step ", step)); },
         .converged = [&] { return called.push_back("converged?"), step == 2; }});
  CHECK(called == std::vector<std::string>{"predictor of step 1", "after step 1", "converged?",
                                           "predictor of step 2", "after step 2", "converged?"});
}

TEST_CASE("train: the same bits with any number of threads, other bits with another seed" *
          doctest::test_suite("same bits")) {
  const std::vector<real> want = after_three_steps(5, 2);
  CHECK(after_three_steps(5, 2) == want);
  CHECK(after_three_steps(5, 1) == want);
  CHECK(after_three_steps(5, 3) == want);
  CHECK(after_three_steps(6, 2) != want);
}

TEST_CASE("train: a loss or a gradient that is not finite is an Error, and changes nothing") {
  Training training(smallest_config(), 4, 4);
  std::string what = "the loss";
  SUBCASE("NaN in a weight") {
    training.network.parameters().all().back().value.data()[0] = std::numeric_limits<real>::quiet_NaN();
  }
  SUBCASE("a finite loss whose gradient overflows") {
    // norm2 hides the huge weights of conv2 from the output, but not from the gradient.
    for (const Parameter& p : training.network.parameters().all()) {
      if (p.name.ends_with(".norm2.weight")) kernels::fill(p.value.size(), 0, p.value.data());
      if (p.name.ends_with(".conv2.weight"))
        kernels::fill(p.value.size(), std::numeric_limits<real>::max(), p.value.data());
      if (p.name == "conv_out.weight") kernels::fill(p.value.size(), 100, p.value.data());
    }
    what = "the gradient";
  }
  const std::vector<real> before = weights(training.network.parameters());
  const std::vector<real> average = weights(training.average.parameters());
  CHECK(error_of([&] { training.step(12); }) == what + " is not finite at step 12");
  const std::vector<real> after = weights(training.network.parameters());
  CHECK(std::memcmp(after.data(), before.data(), before.size() * sizeof(real)) == 0);  // NaN included
  CHECK(weights(training.average.parameters()) == average);
}

TEST_CASE("train: the number of a step must be in 1..2^32 - 1") {
  Training training;
  CHECK_THROWS_AS(training.step(0), std::logic_error);
  CHECK_THROWS_AS(training.step(int64_t(1) << 32), std::logic_error);
  CHECK_THROWS_AS(training.step(std::numeric_limits<int64_t>::min() + 1), std::logic_error);
  CHECK_NOTHROW(training.step((int64_t(1) << 32) - 1));
}

TEST_CASE("train: with Winograd's convolutions and with direct ones a short run ends with the same loss") {
  struct End {
    std::vector<real> weights;
    double loss;
  };
  const auto end = [](ConvolutionMethod method, uint64_t seed) {
    const UseMethod used(method);
    Training training(small_config(), 8, 16, 20, seed);
    for (int64_t step = 1; step <= 40; ++step) training.step(step);
    const std::vector<real> trained = weights(training.network.parameters());
    // The loss of a step with the same images, t and noise for all seeds.
    training.config.seed = 99;
    training.draw_x_0 = batches(training.data, {.size = 16}, 99);
    return End{trained, training.step(1).mean_loss()};
  };
  std::vector<double> losses, differences;
  for (uint64_t seed : {1, 2, 3}) {
    const End direct = end(ConvolutionMethod::direct, seed),
              winograd = end(ConvolutionMethod::winograd, seed);
    CHECK(direct.weights != winograd.weights);  // they round differently
    losses.push_back(direct.loss);
    differences.push_back(std::abs(winograd.loss - direct.loss));
  }
  const auto [least, most] = std::minmax_element(losses.begin(), losses.end());
  for (const double d : differences) CHECK(d < 0.01 * (*most - *least));  // measured: a millionth of it
}

#if !defined(REAL_DOUBLE) && !defined(POISON)  // one build is enough
TEST_CASE("train: a small network learns eight images by heart, with the library's options, too") {
  for (const UnetConfig& config : {small_config(), with_library_defaults(small_config())}) {
    Training training(config, 16, 8, 10, 5, 5e-3);
    double last = 0;  // the mean loss of the last 20 steps; measured: 0.017
    for (int64_t step = 1; step <= 250; ++step) {
      const double loss = training.step(step).mean_loss();
      if (step > 230) last += loss / 20;
    }
    CAPTURE(config.head_channels);
    CHECK(last < 0.05);
  }
}
#endif

}  // namespace ddpm::test
