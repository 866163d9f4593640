// Single steps of Algorithm 1, for tests that look at each step.
#pragma once

#include "ddpm/train.h"

namespace ddpm::test {

// Makes step state.step + 1 and returns its report.
inline StepReport one_step(const TrainConfig& config, const Schedule& schedule, const DrawImages& draw_x_0,
                           const TrainingPredictor& eps_theta, TrainingState& state) {
  StepReport report;
  TrainCallbacks callbacks;
  callbacks.after_step = [&](const StepReport& made) { report = made; };
  callbacks.converged = [] { return true; };
  train(config, schedule, draw_x_0, eps_theta, state, callbacks);
  return report;
}
// Makes step `step` with a U-Net and its dropout.
inline StepReport one_step(const TrainConfig& config, const Schedule& schedule, const DrawImages& draw_x_0,
                           int64_t step, Unet& network, Adam& adam, Parameters& average) {
  TrainingState state{network.parameters(), average, adam, step - 1};
  return one_step(config, schedule, draw_x_0, training_predictor(network, config.seed), state);
}

}  // namespace ddpm::test
