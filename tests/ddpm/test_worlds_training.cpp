// Algorithm 1 on worlds (tests/support/worlds.h), where the minimum of Eq. (14) is known: the loss of eps* is
// that minimum, no other predictor goes below it, and a small network trained by Algorithm 1 comes close.
// Seeds are fixed; the levels are those of a fresh seed. The code: ddpm/train.cpp, ddpm/losses.cpp.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/forward.h"
#include "ddpm/gaussian.h"
#include "ddpm/train.h"
#include "tensor/random.h"
#include "tests/support/near.h"
#include "tests/support/point_network.h"
#include "tests/support/worlds.h"

namespace ddpm::test {

namespace {

// The two points are 4 standard deviations apart at t = 1, so x_1 nearly always tells which one it came from.
const World two_points = finite_set(1, {Point{-0.2, 0}, Point{0.2, 0}});
const Schedule schedule = make_schedule({.T = 50, .beta_1 = 0.01, .beta_T = 0.3});

// Runs Algorithm 1 on draws from the world.
void train(PointNetwork& network, Parameters& average, const World& data, int64_t steps) {
  TrainConfig config;
  config.seed = 7, config.ema_decay = 0.99;
  config.adam = {.learning_rate = 5e-3, .cosine = true, .total_steps = steps};
  Adam adam(network.parameters, config.adam);
  TrainingState state{network.parameters, average, adam};
  const DrawImages draw_x_0 = [&](int64_t step) {
    return draw(data, {200, 1}, {7, purpose_test, uint32_t(step), 0});
  };
  const auto eps_theta = [&](int64_t) { return network.predictor(); };
  ddpm::train(config, schedule, draw_x_0, eps_theta, state,
              {.converged = [&] { return state.step == steps; }});
}

// Returns the exact loss of a predictor at t, by integration: the minimum plus E[(eps_theta - eps*)^2].
double exact_loss(const NoisePredictor& eps_theta, const World& data, int t) {
  const World q = noised(data, schedule, t);
  Tape tape(Tape::off);
  const double excess = expectation(q, [&](const Point& x) {
    const Tensor input = Tensor::from({1, 1}, {real(x[0])});
    return std::pow(eps_theta(tape, input, {t}).data()[0] - exact_noise(data, schedule, t, x)[0], 2);
  });
  return minimum_loss(data, schedule, t) + excess;
}

}  // namespace

TEST_CASE("Algorithm 1 on worlds: the loss of eps* is the known minimum") {
  const int B = 2000;
  for (const World& data : {lopsided, oblong, tilted, two_points})
    for (int t : {1, 2, 5, 10, 25, 50}) {
      const uint32_t key = uint32_t(t);
      const Tensor x_0 = draw(data, {B, data.D}, {8, purpose_test, key, 0});
      const Tensor eps = standard_normal({B, data.D}, {8, purpose_noise, key, 0});
      Tape tape;
      const std::vector<int> all_t(B, t);
      const Tensor x_t = q_sample(schedule, all_t, x_0, eps);
      const PerImage each =
          simple_loss(tape, exact_noise(data, schedule), schedule, x_0, x_t, all_t, eps).values;
      double mean = 0, square = 0;
      for (double l : each) mean += l / B, square += l * l / B;
      // 4 standard errors, estimated from the sample (level 6e-5), and the rounding of float.
      const double minimum = minimum_loss(data, schedule, t);
      CHECK(near(mean, minimum, 4 * std::sqrt((square - mean * mean) / B) + 1e-7));
    }
}

TEST_CASE(
    "Algorithm 1 on worlds: the loss of another predictor is larger by its squared distance from eps*") {
  // Both losses use the same draws. Their difference is 0.1^2 plus the mean of 2 (eps - eps*) 0.1, which has
  // expectation 0 and standard deviation 0.2 sqrt(minimum / B).
  const int B = 4000;
  const Tensor x_0 = draw(lopsided, {B, 1}, {9, purpose_test, 0, 0});
  const Tensor eps = standard_normal({B, 1}, {9, purpose_noise, 0, 0});
  const NoisePredictor best = exact_noise(lopsided, schedule);
  const NoisePredictor pushed = [&](Tape& tape, const Tensor& x, const std::vector<int>& t) {
    return linear_combination(1, best(tape, x, t), 0.1,
                              Tensor::from(x.shape(), std::vector<real>(x.size(), 1)));
  };
  Tape tape;
  for (int t : {1, 10, 50}) {
    const std::vector<int> all_t(B, t);
    const Tensor x_t = q_sample(schedule, all_t, x_0, eps);
    const double least = simple_loss(tape, best, schedule, x_0, x_t, all_t, eps).values.sum() / B;
    const double worse = simple_loss(tape, pushed, schedule, x_0, x_t, all_t, eps).values.sum() / B;
    const double error = 0.2 * std::sqrt(minimum_loss(lopsided, schedule, t) / B);
    CHECK(near(worse - least, 0.01, 4 * error + 1e-6));  // level 6e-5, and the rounding of float
  }
}

TEST_CASE("Algorithm 1 on worlds: a small network comes within a factor of 1.1 of the minimum") {
  PointNetwork network, average;
  train(network, average.parameters, lopsided, 2000);
  double loss = 0, minimum = 0;
  for (int t = 1; t <= schedule.T; ++t) {
    loss += exact_loss(average.predictor(), lopsided, t) / schedule.T;
    minimum += minimum_loss(lopsided, schedule, t) / schedule.T;
  }
  CHECK(loss / minimum < 1.1);
  CHECK(loss / minimum >= 1);
  MESSAGE("a network of ", network.parameters.count(), " parameters after 2000 steps: Eq. (14) is ", loss,
          ", its minimum ", minimum, ", ratio ", loss / minimum);
}

}  // namespace ddpm::test
