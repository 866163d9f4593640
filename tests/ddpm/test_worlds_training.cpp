// Algorithm 1 on worlds whose best loss is known: Eq. (14) at ε* is its exact
// floor, nothing goes below it, and a small network trained by Algorithm 1 comes
// close. All draws have fixed seeds; levels are those of a fresh seed.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/forward.h"
#include "ddpm/gaussian.h"
#include "ddpm/train.h"
#include "nn/layers.h"
#include "tensor/random.h"
#include "tests/support/near.h"
#include "tests/support/worlds.h"

namespace ddpm::test {

namespace {

const World lopsided{1, {{0.3, {-0.6, 0}, {0.04, 1}}, {0.7, {0.5, 0}, {0.01, 1}}}};
const World tilted{2, {{0.25, {-0.5, 0.4}, {0.09, 0.02}}, {0.75, {0.6, -0.1}, {0.04, 0.25}}}};
const World oblong = gaussian(Point{0.3, -0.4}, Point{0.25, 0.04});
// 4 standard deviations apart at t = 1: rarely mistaken for one another there.
const World two_points = finite_set(1, {Point{-0.2, 0}, Point{0.2, 0}});
const Schedule schedule = make_schedule({.T = 50, .beta_1 = 0.01, .beta_T = 0.3});

// ε_θ for x (B, 1): x and the time embedding through two hidden layers.
struct SmallNetwork {
  static constexpr int width = 48, embedding = 16;
  Parameters parameters;
  Dense of_x{parameters, "of_x", 1, width}, of_t{parameters, "of_t", embedding, width};
  Dense hidden{parameters, "hidden", width, width}, out{parameters, "out", width, 1, Init::almost_zero};
  SmallNetwork() { parameters.initialize(1); }

  Tensor operator()(Tape& tape, const Tensor& x, const std::vector<int>& t) const {
    Tensor time({x.dim(0)});
    for (int b = 0; b < x.dim(0); ++b) time.data()[b] = real(t[b]);
    const Tensor temb = of_t(tape, time_embedding(time, embedding));
    const Tensor h = hidden(tape, swish(tape, of_x(tape, x, temb)));
    return out(tape, swish(tape, h));
  }
  NoisePredictor predictor() const {
    return [this](Tape& tape, const Tensor& x, const std::vector<int>& t) { return (*this)(tape, x, t); };
  }
};

// Algorithm 1 on draws from the world.
void train(SmallNetwork& network, Parameters& average, const World& data, int64_t steps) {
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

// The exact loss of any predictor at t: the floor and E[(ε_θ − ε*)²], by integration.
double exact_loss(const NoisePredictor& eps_theta, const World& data, int t) {
  const World q = noised(data, schedule, t);
  Tape tape(Tape::off);
  const double excess = expectation(q, [&](const Point& x) {
    const Tensor input = Tensor::from({1, 1}, {real(x[0])});
    return std::pow(eps_theta(tape, input, {t}).data()[0] - exact_noise(data, schedule, t, x)[0], 2);
  });
  return loss_floor(data, schedule, t) + excess;
}

}  // namespace

TEST_CASE("Algorithm 1's loss at the exact eps* is the exact floor, at every t") {
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
      // Within 4 standard errors, taken from the sample (level 6e-5), and float's rounding.
      const double floor = loss_floor(data, schedule, t);
      CHECK(near(mean, floor, 4 * std::sqrt((square - mean * mean) / B) + 1e-7));
    }
}

TEST_CASE("Algorithm 1's loss: whatever is not eps* is worse, by its squared distance") {
  // The same draws for both, so that the cross term alone is left to chance: twice
  // the mean of (eps - eps*) times the push, of standard deviation 0.2 sqrt(floor).
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
    const double error = 0.2 * std::sqrt(loss_floor(lopsided, schedule, t) / B);
    CHECK(near(worse - least, 0.01, 4 * error + 1e-6));  // level 6e-5, and float's rounding
  }
}

TEST_CASE("Algorithm 1: a small network comes within 1.1 of the exact floor") {
  SmallNetwork network, average;
  train(network, average.parameters, lopsided, 2000);
  double loss = 0, floor = 0;
  for (int t = 1; t <= schedule.T; ++t) {
    loss += exact_loss(average.predictor(), lopsided, t) / schedule.T;
    floor += loss_floor(lopsided, schedule, t) / schedule.T;
  }
  CHECK(loss / floor < 1.1);
  CHECK(loss / floor >= 1);
  MESSAGE("a network of ", network.parameters.count(), " parameters after 2000 steps: Eq. (14) is ", loss,
          ", the exact floor ", floor, ", ratio ", loss / floor);
}

}  // namespace ddpm::test
