// Training's arithmetic: Adam with global-norm clipping, warm-up and decay of
// the learning rate, and the moving average of the weights (EMA).
// Sources: Section 4 and appendix B; clipping and warm-up are the official
// code's. Checked by: tests/test_optimizer.cpp.
#pragma once

#include "nn/parameters.h"

namespace ddpm {

struct AdamConfig {
  double learning_rate = 2e-4, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  int64_t warmup = 0;       // steps of linear warm-up, 0 for none
  bool cosine = false;      // decay to 0 along half a cosine after the warm-up
  int64_t total_steps = 0;  // where the cosine ends; not read without it
  double clip_norm = 1;     // the gradient's largest global norm, 0 for no clipping
};

// The learning rate of step 1, 2, …: warm-up step/warmup, then 1 or
// (1 + cos(π·(step − warmup)/(total − warmup)))/2, times learning_rate.
double learning_rate(const AdamConfig&, int64_t step);

class Adam {
 public:
  Adam(Parameters& parameters, AdamConfig config);
  // Updates every parameter from its gradient, then clears the gradients.
  // Returns the gradient's global norm before clipping. If the norm is not
  // finite nothing is changed but the gradients, which are cleared.
  double step(int64_t step);

  // The state, one tensor a parameter in the parameters' order, for checkpoints.
  std::vector<Tensor> m, v;

 private:
  Parameters& parameters_;
  AdamConfig config_;
};

// average = decay·average + (1 − decay)·weights, parameter by parameter.
void update_average(double decay, const Parameters& weights, Parameters& average);

}  // namespace ddpm
