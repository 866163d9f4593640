// Algorithm 1: training. Checked by: tests/test_train.cpp.
#pragma once

#include "ddpm/data/dataset.h"
#include "ddpm/losses.h"
#include "nn/optimiser.h"

struct TrainConfig {
  int batch = 128;
  double ema_decay = 0.9999;
  bool flip = false;  // random horizontal flips
  uint64_t seed = 0;
  AdamConfig adam;
};

// What one step tells.
struct StepReport {
  double loss, learning_rate, grad_norm;
  std::vector<int> t;           // (B): the drawn times
  std::vector<double> per_image;  // (B): their losses
};

// Algorithm 1, lines 2 to 5, for step 1, 2, …: updates the network and its
// average. All randomness is keyed by (seed, step, image), so a step can be
// repeated or resumed. The dataset's images must have the network's shape. If
// the loss or the gradient is not finite, throws Error and changes neither
// weights nor average. step is below 2^32.
StepReport train_step(const TrainConfig&, const Schedule&, const Dataset&, int64_t step,
                      Unet& network, Adam& adam, Parameters& average);
