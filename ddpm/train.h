// Algorithm 1: training.
// Checked by: tests/ddpm/test_train.cpp (with a U-Net), tests/ddpm/test_worlds_training.cpp (the loss that it
// reaches), tests/equations/algorithms.cpp (line by line).
#pragma once

#include <functional>
#include <vector>

#include "ddpm/losses.h"
#include "nn/optimizer.h"

namespace ddpm {

struct TrainConfig {
  double ema_decay = 0.9999;
  uint64_t seed = 0;
  AdamConfig adam;  // of the Adam in TrainingState, which the caller makes
};

// Everything that a training step changes. `average` is the moving average of `weights` (EMA).
struct TrainingState {
  Parameters& weights;
  Parameters& average;
  Adam& adam;        // optimizes `weights`
  int64_t step = 0;  // number of steps done
};

// Draws x_0 ~ q(x_0): the batch (B, ...) of step 1, 2, .... The same step always gets the same batch.
// `batches` in ddpm/data/batch.h makes one from a data set.
using DrawImages = std::function<Tensor(int64_t step)>;

// Diagnostics of one training step.
struct StepReport {
  std::vector<int> t;  // (B): the times that were drawn
  PerImage losses;     // (B): the loss of each image
  double grad_norm;    // the global norm of the gradient, before clipping

  double mean_loss() const { return losses.sum() / double(losses.size()); }
};

struct TrainCallbacks {
  // Called after each step; state.step is the number of the step.
  std::function<void(const StepReport&)> after_step = [](const StepReport&) {};
  // Called after after_step. Training ends when it returns true. Must be set.
  std::function<bool()> converged;
};

// Algorithm 1: makes at least one step, and stops when callbacks.converged says so. Each step
// overwrites the weights, Adam's moments and the average, and increments state.step. A step depends on
// its number, the seeds and the state alone, so a run can be resumed after any step. Throws Error if the
// loss or the gradient is not finite; `state` is then that of the step before. Throws std::logic_error
// if the number of the step would not be in 1..2^32 - 1, or if the loss does not return one number
// per image.
void train(const TrainConfig&, const Schedule&, const DrawImages&, const TrainingPredictor&, TrainingState&,
           const TrainCallbacks&, const Loss& loss = simple_loss);

}  // namespace ddpm
