// The reverse process: see reverse.h. Sections 3.2 and 3.3 of the paper.
#include "ddpm/reverse.h"

#include <cmath>

#include "ddpm/posterior.h"
#include "kernels/kernels.h"

namespace ddpm {

Tensor predict_x0(const Schedule& schedule, int t, const Tensor& x_t, const Tensor& eps) {
  schedule.ensure_time(t);
  // Eq. (15):  x_0 hat = (x_t - sqrt(1 - alpha_bar_t) eps) / sqrt(alpha_bar_t)
  const double signal_scale = std::sqrt(schedule.alpha_bar[t]);
  const double noise_scale = std::sqrt(schedule.one_minus_alpha_bar[t]);
  if (!(signal_scale > 1e-30))
    fail_for("x_0 lost", "nothing of x_0 is left in x_", t, ": sqrt(alpha_bar_t) = ", signal_scale);
  return linear_combination(1 / signal_scale, x_t, -noise_scale / signal_scale, eps);
}

Tensor reverse_mean(const Schedule& schedule, int t, const Tensor& x_t, const Tensor& eps, Clip clip) {
  schedule.ensure_time(t);
  if (clip == Clip::on) {
    // Departure 2: x_0 hat is clipped to [-1, 1], as the official code does.
    const Tensor x_0 = predict_x0(schedule, t, x_t, eps);
    kernels::clip(x_0.size(), -1, 1, x_0.data());
    // Eq. (11):  mu_theta = mu_tilde_t(x_t, x_0 hat)
    return posterior_mean(schedule, t, x_0, x_t);
  }
  // Eq. (11):  mu_theta = 1 / sqrt(alpha_t) (x_t - beta_t / sqrt(1 - alpha_bar_t) eps)
  const double scale = 1 / std::sqrt(schedule.alpha[t]);
  const double eps_scale = schedule.beta[t] / std::sqrt(schedule.one_minus_alpha_bar[t]);
  return linear_combination(scale, x_t, -scale * eps_scale, eps);
}

double sigma(const Schedule& schedule, int t, Variance variance) {
  schedule.ensure_time(t);
  // Section 3.2:  sigma_t^2 = beta_t  or  sigma_t^2 = beta_tilde_t
  return std::sqrt(variance == Variance::beta ? schedule.beta[t] : schedule.posterior_variance(t));
}

std::vector<double> reverse_variances(const Schedule& schedule, Variance variance) {
  std::vector<double> variances(schedule.T + 1);
  for (int t = 1; t <= schedule.T; ++t)
    variances[t] = variance == Variance::beta ? schedule.beta[t] : schedule.posterior_variance(t);
  if (variance == Variance::beta) return variances;
  if (schedule.T == 1)
    fail("with T = 1 there is no beta_tilde_2 to take in place of beta_tilde_1 = 0: ",
         "use sigma_t^2 = beta_t");
  // Departure 12: beta_tilde_1 = 0 cannot be divided by; beta_tilde_2 stands in for it.
  variances[1] = variances[2];
  return variances;
}

PerImage prior_log_density(const Tensor& x_T) {
  // Eq. (1):  p(x_T) = N(x_T; 0, I)
  return log_normal(x_T, Tensor::zeros(x_T.shape()), 1);
}

PerImage reverse_log_density(const Schedule& schedule, int t, const Tensor& x_t, const Tensor& eps,
                             double variance, const Tensor& x_prev) {
  // Eq. (1):  p_theta(x_{t-1} | x_t) = N(x_{t-1}; mu_theta(x_t, t), sigma_t^2 I)
  return log_normal(x_prev, reverse_mean(schedule, t, x_t, eps, Clip::off), variance);
}

}  // namespace ddpm
