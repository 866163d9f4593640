// The shortest whole: trains a small U-Net on the built-in digits, draws 16 samples, and writes
// digits.png. `make example` builds and runs it. Checked by: tests/ddpm/example/test_example.cpp.
#include <cstdio>

#include "ddpm/data/batch.h"
#include "ddpm/data/image.h"
#include "ddpm/sample.h"
#include "ddpm/train.h"

using namespace ddpm;

int main() {
  const int steps = 1700, T = 200;
  const Schedule schedule = make_schedule({.T = T, .beta_1 = 5e-4, .beta_T = 0.1});
  const auto digits = open_digits(Split::train);  // 28x28 grey images, drawn by the program
  const UnetConfig config{.channels = 16, .blocks = 1, .attention = {false, false, false}};
  Unet network(config), average(config);  // eps_theta, and the moving average of its weights
  network.parameters().initialize(0);
  average.parameters().copy_from(network.parameters());

  const TrainConfig train_config{
      .ema_decay = 0.99, .adam = {.learning_rate = 2e-3, .warmup = 30, .cosine = true, .total_steps = steps}};
  Adam adam(network.parameters(), train_config.adam);
  TrainingState state{network.parameters(), average.parameters(), adam};
  TrainCallbacks callbacks;
  callbacks.after_step = [&](const StepReport& report) {
    if (state.step % 100 == 0) std::printf("step %4d  loss %.3f\n", int(state.step), report.mean_loss());
  };
  callbacks.converged = [&] { return state.step == steps; };
  // Training by Algorithm 1.
  train(train_config, schedule, batches(*digits, {.size = 16}, 0), training_predictor(network, 0), state,
        callbacks);

  // Sampling by Algorithm 2, from the averaged weights.
  const Tensor x_0 = sample(noise_predictor(average), {28, 28, 1}, schedule, {Variance::posterior}, 0, 0, 16);
  write_grid("digits.png", x_0.data(), 16, 28, 28, 1, 4);
  std::printf("wrote digits.png\n");
}
