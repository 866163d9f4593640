// The reverse process: see reverse.h. Sections 3.2 and 3.3 of the paper.
#include "ddpm/reverse.h"

#include <cmath>

#include "ddpm/posterior.h"
#include "kernels/kernels.h"

namespace ddpm {

Tensor predict_x0(const Schedule& schedule, int t, const Tensor& x_t, const Tensor& eps_hat) {
  schedule.ensure_time(t);
  const double alpha_bar = schedule.alpha_bar[t], one_minus_alpha_bar = schedule.one_minus_alpha_bar[t];
  // Eq. (15):  x_0_hat = (x_t - sqrt(1 - alpha_bar_t) eps_theta(x_t, t)) / sqrt(alpha_bar_t)
  return scale(1 / std::sqrt(alpha_bar),
               linear_combination(1, x_t, -std::sqrt(one_minus_alpha_bar), eps_hat));
}

Tensor clipped_x0(const Schedule& schedule, int t, const Tensor& x_t, const Tensor& eps_hat) {
  require_signal(schedule, t);
  const Tensor x_0_hat = predict_x0(schedule, t, x_t, eps_hat);
  // Departure 2: x_0_hat is clipped to [-1, 1], as in the official code.
  kernels::clip(x_0_hat.size(), -1, 1, x_0_hat.data());
  return x_0_hat;
}

void require_signal(const Schedule& schedule, int t) {
  schedule.ensure_time(t);
  const double signal_scale = std::sqrt(schedule.alpha_bar[t]);
  if (!(signal_scale > 1e-30))
    fail_for("x_0 lost", "nothing of x_0 is left in x_", t, ": sqrt(alpha_bar_t) = ", signal_scale);
}

Tensor reverse_mean(const Schedule& schedule, int t, const Tensor& x_t, const Tensor& eps_hat) {
  schedule.ensure_time(t);
  const double alpha = schedule.alpha[t], beta = schedule.beta[t];
  const double one_minus_alpha_bar = schedule.one_minus_alpha_bar[t];
  // Eq. (11):  mu_theta = 1 / sqrt(alpha_t) (x_t - beta_t / sqrt(1 - alpha_bar_t) eps_theta(x_t, t))
  return scale(1 / std::sqrt(alpha),
               linear_combination(1, x_t, -beta / std::sqrt(one_minus_alpha_bar), eps_hat));
}

double sigma(const Schedule& schedule, int t, Variance variance) {
  schedule.ensure_time(t);
  // Section 3.2:  sigma_t^2 = beta_t  or  sigma_t^2 = beta_tilde_t
  return std::sqrt(variance == Variance::beta ? schedule.beta[t] : posterior_variance(schedule, t));
}

std::vector<double> reverse_variances(const Schedule& schedule, Variance variance) {
  if (variance == Variance::beta) return schedule.beta;
  if (schedule.T == 1)
    fail("with T = 1 there is no beta_tilde_2 to take in place of beta_tilde_1 = 0: ",
         "use sigma_t^2 = beta_t");
  std::vector<double> variances(schedule.T + 1);
  for (int t = 1; t <= schedule.T; ++t) variances[t] = posterior_variance(schedule, t);
  // Departure 12: beta_tilde_2 replaces beta_tilde_1 = 0, which nothing can be divided by.
  variances[1] = variances[2];
  return variances;
}

PerImage prior_log_density(const Tensor& x_T) {
  // Eq. (1):  p(x_T) = N(x_T; 0, I)
  return log_standard_normal(x_T);
}

PerImage reverse_log_density(const Schedule& schedule, int t, const Tensor& x_t, const Tensor& eps_hat,
                             double variance, const Tensor& x_prev) {
  // Eq. (1):  p_theta(x_{t-1} | x_t) = N(x_{t-1}; mu_theta(x_t, t), sigma_t^2 I)
  return log_normal(x_prev, reverse_mean(schedule, t, x_t, eps_hat), variance);
}

}  // namespace ddpm
