// The posterior of the forward process: see posterior.h. Section 2 of the paper.
#include "ddpm/posterior.h"

#include <cmath>

namespace ddpm {

PosteriorCoefficients posterior_coefficients(const Schedule& schedule, int t) {
  schedule.ensure_time(t);
  const auto& [T, beta, alpha, alpha_bar, one_minus_alpha_bar] = schedule;
  // Eq. (7):  mu_tilde_t = sqrt(alpha_bar_{t-1}) beta_t / (1 - alpha_bar_t) x_0
  //                      + sqrt(alpha_t) (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t) x_t
  return {.x_0 = std::sqrt(alpha_bar[t - 1]) * beta[t] / one_minus_alpha_bar[t],
          .x_t = std::sqrt(alpha[t]) * one_minus_alpha_bar[t - 1] / one_minus_alpha_bar[t]};
}

Tensor posterior_mean(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& x_t) {
  const PosteriorCoefficients of = posterior_coefficients(schedule, t);
  return linear_combination(of.x_0, x_0, of.x_t, x_t);
}

double posterior_variance(const Schedule& schedule, int t) {
  schedule.ensure_time(t);
  const auto& [T, beta, alpha, alpha_bar, one_minus_alpha_bar] = schedule;
  // Eq. (7):  beta_tilde_t = (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t) beta_t
  return one_minus_alpha_bar[t - 1] / one_minus_alpha_bar[t] * beta[t];
}

PerImage posterior_log_density(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& x_t,
                               const Tensor& x_prev) {
  if (t == 1) fail("q(x_0 | x_1, x_0) is the point x_0 and has no density: t must be in 2..T");
  // Eq. (6):  q(x_{t-1} | x_t, x_0) = N(x_{t-1}; mu_tilde_t(x_t, x_0), beta_tilde_t I)
  return log_normal(x_prev, posterior_mean(schedule, t, x_0, x_t), posterior_variance(schedule, t));
}

}  // namespace ddpm
