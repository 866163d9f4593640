// Algorithm 1: see train.h. Its lines 1 and 6, repeat … until converged, are
// the loop of whoever calls train_step.
#include "ddpm/train.h"

#include <cmath>
#include <limits>

#include "ddpm/data/batch.h"
#include "ddpm/data/order.h"
#include "ddpm/gaussian.h"
#include "kernels/kernels.h"
#include "tensor/random.h"

namespace {

uint32_t first_word(Stream stream) {
  const uint32_t counter[4] = {0, stream.index, stream.step, stream.purpose};
  const uint32_t key[2] = {static_cast<uint32_t>(stream.seed), static_cast<uint32_t>(stream.seed >> 32)};
  uint32_t words[4];
  kernels::philox4x32(counter, key, words);
  return words[0];
}

Tensor draw_images(const TrainConfig& config, const Dataset& data, int64_t step) {
  const int B = config.batch;
  std::vector<int64_t> indices(B);
  std::vector<bool> mirrored(B);
  for (int j = 0; j < B; ++j) {
    // Departure 6: images are drawn without replacement: once in every epoch.
    indices[j] = shuffled((step - 1) * B + j, data.size(), config.seed);
    const Stream coin{config.seed, purpose_flip, static_cast<uint32_t>(step), static_cast<uint32_t>(j)};
    mirrored[j] = config.flip && first_word(coin) >> 31;
  }
  return load_images(data, indices, mirrored);
}

// t = 1 + floor(word · T / 2³²): two times differ by at most one of the 2³²
// words, a bias far below what any run could see.
std::vector<int> draw_times(uint64_t seed, int B, int T, uint32_t step) {
  std::vector<int> t(B);
  for (int j = 0; j < B; ++j) {
    const uint64_t word = first_word({seed, purpose_time, step, static_cast<uint32_t>(j)});
    t[j] = 1 + static_cast<int>(word * T >> 32);
  }
  return t;
}

}  // namespace

StepReport train_step(const TrainConfig& config, const Schedule& schedule, const DrawImages& draw_x_0,
                      int64_t step, const NoisePredictor& eps_theta, const Parameters& weights, Adam& adam,
                      Parameters& average) {
  ENSURE(1 <= step && step <= std::numeric_limits<uint32_t>::max(), "step ", step);
  const uint32_t key = static_cast<uint32_t>(step);
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
  if (!std::isfinite(report.loss))
    fail("the loss is not finite at step ", step, ": lower --lr or lengthen --warmup");
  tape.backward(loss);
  report.grad_norm = adam.step(step);
  if (!std::isfinite(report.grad_norm))
    fail("the gradient is not finite at step ", step, ": lower --lr or lengthen --warmup");

  // Section 4:  the average of the weights (EMA)
  update_average(config.ema_decay, weights, average);
  return report;
}

StepReport train_step(const TrainConfig& config, const Schedule& schedule, const Dataset& data,
                      int64_t step, Unet& network, Adam& adam, Parameters& average) {
  const UnetConfig& net = network.config();
  const Shape image{data.H, data.W, data.C}, wanted{net.image_size, net.image_size, net.image_channels};
  ENSURE(image == wanted, to_string(image), " images for a network of ", to_string(wanted));
  const DrawImages draw_x_0 = [&](int64_t now) { return draw_images(config, data, now); };
  const Stream dropout{config.seed, purpose_dropout, static_cast<uint32_t>(step), 0};
  const NoisePredictor eps_theta = [&](Tape& tape, const Tensor& x_t, const std::vector<int>& t) {
    return predict_noise(tape, network, x_t, t, &dropout);
  };
  return train_step(config, schedule, draw_x_0, step, eps_theta, network.parameters(), adam, average);
}
