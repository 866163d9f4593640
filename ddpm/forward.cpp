// The forward process: see forward.h. Section 2 of the paper.
#include "ddpm/forward.h"

#include <cmath>

namespace ddpm {

Tensor forward_step(const Schedule& schedule, int t, const Tensor& x_prev, const Tensor& eps) {
  schedule.ensure_time(t);
  // Eq. (2):  x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) eps
  return linear_combination(std::sqrt(1 - schedule.beta[t]), x_prev, std::sqrt(schedule.beta[t]), eps);
}

PerImage forward_log_density(const Schedule& schedule, int t, const Tensor& x_prev, const Tensor& x_t) {
  schedule.ensure_time(t);
  // Eq. (2):  q(x_t | x_{t-1}) = N(x_t; sqrt(1 - beta_t) x_{t-1}, beta_t I)
  return log_normal(x_t, scale(std::sqrt(1 - schedule.beta[t]), x_prev), schedule.beta[t]);
}

Tensor q_sample(const Schedule& schedule, const std::vector<int>& t, const Tensor& x_0, const Tensor& eps) {
  // Eq. (4):  x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps
  std::vector<double> signal_scale, noise_scale;
  for (int time : t) {
    schedule.ensure_time(time);
    signal_scale.push_back(std::sqrt(schedule.alpha_bar[time]));
    noise_scale.push_back(std::sqrt(schedule.one_minus_alpha_bar[time]));
  }
  return linear_combination(signal_scale, x_0, noise_scale, eps);
}

}  // namespace ddpm
