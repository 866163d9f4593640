// Optimizer: Adam, with a learning rate schedule and clipping of the gradient's global norm, and the
// exponential moving average (EMA) of the weights.
// Sources: Section 4 and appendix B (Adam, learning rate, EMA); the official code (warm-up, clipping); this
// project's own (cosine decay). Checked by: tests/nn/test_optimizer.cpp.
#pragma once

#include "nn/parameters.h"

namespace ddpm {

struct AdamConfig {
  double learning_rate = 2e-4, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  int64_t warmup = 0;       // steps of linear warm-up, 0 for none
  bool cosine = false;      // whether the rate decays to 0 along half a cosine after the warm-up
  int64_t total_steps = 0;  // the step at which the cosine reaches 0; unused if cosine is false
  double clip_norm = 1;     // maximum global norm of the gradient, 0 for no clipping
};

// Returns the learning rate of a step; steps count from 1. With r = config.learning_rate:
//   step < warmup    r step / warmup
//   after, constant  r
//   after, cosine    r (1 + cos(pi (step - warmup) / (total_steps - warmup))) / 2, and 0 from total_steps on
double learning_rate(const AdamConfig&, int64_t step);

class Adam {
 public:
  // Starts with m = v = 0. The parameters must outlive the optimizer.
  Adam(Parameters& parameters, AdamConfig config);
  // Updates every parameter, m and v from the gradients, and clears the gradients. Returns the global norm
  // of the gradient before clipping: the square root of the sum of squares over all parameters.
  // If the norm is not finite, only clears the gradients. Throws std::logic_error if step < 1, or if a
  // gradient is empty: no backward() reached the parameter.
  double step(int64_t step);

  // First and second moments, one tensor for each parameter, in the order of the parameters.
  std::vector<Tensor> m, v;

 private:
  Parameters& parameters_;
  AdamConfig config_;
};

// Overwrites average with decay * average + (1 - decay) * weights, for each parameter. Throws
// std::logic_error if the two differ in the number of parameters or in a shape.
void update_average(double decay, const Parameters& weights, Parameters& average);

}  // namespace ddpm
