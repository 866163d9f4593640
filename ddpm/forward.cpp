// The forward process: see forward.h. Section 2 of the paper.
#include "ddpm/forward.h"

#include <cmath>

#include "ddpm/gaussian.h"

Tensor q_sample(const Schedule& schedule, const std::vector<int>& t, const Tensor& x_0,
                const Tensor& eps) {
  std::vector<double> signal, noise;
  for (int time : t) {
    schedule.ensure_time(time);
    signal.push_back(std::sqrt(schedule.alpha_bar[time]));
    noise.push_back(std::sqrt(schedule.one_minus_alpha_bar[time]));
  }
  // Eq. (4):  x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps
  return mix(signal, x_0, noise, eps);
}
