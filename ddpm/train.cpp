// Algorithm 1: see train.h. Its lines 1 and 6, repeat … until converged, are
// the loop of whoever calls train_step.
#include "ddpm/train.h"

#include <cmath>
#include <limits>

#include "ddpm/gaussian.h"
#include "tensor/random.h"

namespace ddpm {

namespace {

// t = 1 + floor(word · T / 2³²): each value gets ⌊2³²/T⌋ or ⌈2³²/T⌉ of the 2³² words, a
// relative bias below T/2³² (2e-7 for T = 1000).
std::vector<int> draw_times(uint64_t seed, int B, int T, uint32_t step) {
  std::vector<int> t(B);
  for (int j = 0; j < B; ++j) {
    const uint64_t word = first_word({seed, purpose_time, step, uint32_t(j)});
    t[j] = 1 + int(word * T >> 32);
  }
  return t;
}

}  // namespace

StepReport train_step(const TrainConfig& config, const Schedule& schedule, const DrawImages& draw_x_0,
                      int64_t step, const NoisePredictor& eps_theta, const Parameters& weights, Adam& adam,
                      Parameters& average) {
  ENSURE(1 <= step && step <= std::numeric_limits<uint32_t>::max(), "step ", step);
  const uint32_t key = uint32_t(step);
  StepReport report{};
  report.learning_rate = learning_rate(config.adam, step);

  // Algorithm 1, line 2:  x_0 ~ q(x_0)
  const Tensor x_0 = draw_x_0(step);
  // Algorithm 1, line 3:  t ~ Uniform({1, ..., T})
  report.t = draw_times(config.seed, x_0.dim(0), schedule.T, key);
  // Algorithm 1, line 4:  eps ~ N(0, I)
  const Tensor eps = standard_normal(x_0.shape(), {config.seed, purpose_noise, key, 0});
  // Algorithm 1, line 5:  take a gradient descent step on
  //   grad_theta || eps - eps_theta(sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps, t) ||^2
  Tape tape;
  const Tensor loss = simple_loss(tape, eps_theta, schedule, x_0, report.t, eps, &report.per_image);
  report.loss = loss.data()[0];
  if (!std::isfinite(report.loss)) fail_for("diverged", "the loss is not finite at step ", step);
  tape.backward(loss);
  report.grad_norm = adam.step(step);
  if (!std::isfinite(report.grad_norm)) fail_for("diverged", "the gradient is not finite at step ", step);

  // Section 4:  the average of the weights (EMA)
  update_average(config.ema_decay, weights, average);
  return report;
}

StepReport train_step(const TrainConfig& config, const Schedule& schedule, const DrawImages& draw_x_0,
                      int64_t step, Unet& network, Adam& adam, Parameters& average) {
  const Stream dropout{config.seed, purpose_dropout, uint32_t(step), 0};
  const NoisePredictor eps_theta = [&](Tape& tape, const Tensor& x_t, const std::vector<int>& t) {
    return predict_noise(tape, network, x_t, t, &dropout);
  };
  return train_step(config, schedule, draw_x_0, step, eps_theta, network.parameters(), adam, average);
}

}  // namespace ddpm
