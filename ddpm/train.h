// Algorithm 1: training. Checked by: tests/test_train.cpp (on images),
// tests/test_worlds_training.cpp (where it leads), tests/equations/algorithms.cpp.
#pragma once

#include "ddpm/losses.h"
#include "nn/optimizer.h"

namespace ddpm {

struct TrainConfig {
  double ema_decay = 0.9999;
  uint64_t seed = 0;
  AdamConfig adam;
};

// What one step tells.
struct StepReport {
  double loss, learning_rate, grad_norm;
  std::vector<int> t;             // (B): the drawn times
  std::vector<double> per_image;  // (B): their losses
};

// x_0 ~ q(x_0): the batch (B, …) of a step; the same whenever the step is the same.
// Of a data set: `batches` of ddpm/data/batch.h.
using DrawImages = std::function<Tensor(int64_t step)>;

// Algorithm 1, lines 2 to 5, for step 1, 2, …, below 2^32, of whatever predicts
// the noise: updates its weights, which are adam's, and their average. All
// randomness is keyed by (seed, step, image), so a step can be repeated or
// resumed. If the loss or the gradient is not finite, throws Error and changes
// neither weights nor average.
StepReport train_step(const TrainConfig&, const Schedule&, const DrawImages&, int64_t step,
                      const NoisePredictor& eps_theta, const Parameters& weights, Adam& adam,
                      Parameters& average);
// The same for the U-Net, with its dropout; the images (B,H,W,C) must have its shape.
StepReport train_step(const TrainConfig&, const Schedule&, const DrawImages&, int64_t step, Unet& network,
                      Adam& adam, Parameters& average);

}  // namespace ddpm
