// L_simple, and L_{t-1} in its four forms: see losses.h. Sections 3.2 and 3.4 of the paper.
#include "ddpm/losses.h"

#include <cmath>

#include "ddpm/forward.h"
#include "ddpm/posterior.h"
#include "ddpm/reverse.h"
#include "tensor/ops.h"

namespace ddpm {

Losses simple_loss(Tape& tape, const NoisePredictor& eps_theta, const Schedule&, const Tensor&,
                   const Tensor& x_t, const std::vector<int>& t, const Tensor& eps) {
  Losses losses;
  // Eq. (14):  L_simple = || eps - eps_theta(x_t, t) ||^2
  // Departure 7: the mean over dimensions instead of their sum, as in the official code.
  losses.on_tape = mean_squared_error(tape, eps_theta(tape, x_t, t), eps, &losses.values);
  return losses;
}

namespace {

// Returns x_t(x_0, eps) of Eq. (4), with the same t for all images.
Tensor noised(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& eps) {
  return q_sample(schedule, std::vector<int>(x_0.dim(0), t), x_0, eps);
}

}  // namespace

PerImage step_term(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& x_t,
                   const Tensor& mu_theta, double variance) {
  const double n = double(x_0.size() / x_0.dim(0));
  // Eq. (5):  L_{t-1} = KL(q(x_{t-1} | x_t, x_0) || p_theta(x_{t-1} | x_t)), by Eq. (8) with its C
  return step_loss_posterior(schedule, t, x_0, x_t, mu_theta, variance) +
         n * step_constant(schedule, t, variance);
}

double step_constant(const Schedule& schedule, int t, double variance) {
  ENSURE(t >= 2, "t = ", t, ": L_0 is no KL divergence");
  require_variance(variance);
  const double ratio = posterior_variance(schedule, t) / variance;  // beta_tilde_t / sigma_t^2
  // Eq. (8):  C = 1/2 (beta_tilde_t / sigma_t^2 - 1 - log(beta_tilde_t / sigma_t^2))
  return (ratio - 1 - std::log(ratio)) / 2;
}

PerImage step_loss_posterior(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& x_t,
                             const Tensor& mu_theta, double variance) {
  require_variance(variance);
  // Eq. (8):  L_{t-1} - C = || mu_tilde_t(x_t, x_0) - mu_theta(x_t, t) ||^2 / (2 sigma_t^2)
  return squared_distance(posterior_mean(schedule, t, x_0, x_t), mu_theta) / (2 * variance);
}

PerImage step_loss_reparametrized(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& eps,
                                  const Tensor& mu_theta, double variance) {
  require_variance(variance);
  require_signal(schedule, t);
  const Tensor x_t = noised(schedule, t, x_0, eps);
  const double alpha_bar = schedule.alpha_bar[t], one_minus_alpha_bar = schedule.one_minus_alpha_bar[t];
  // Eq. (9):  || mu_tilde_t(x_t, (x_t - sqrt(1 - alpha_bar_t) eps) / sqrt(alpha_bar_t)) - mu_theta ||^2
  //           / (2 sigma_t^2)
  const Tensor x_0_of_eps =
      scale(1 / std::sqrt(alpha_bar), linear_combination(1, x_t, -std::sqrt(one_minus_alpha_bar), eps));
  return squared_distance(posterior_mean(schedule, t, x_0_of_eps, x_t), mu_theta) / (2 * variance);
}

PerImage step_loss_target(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& eps,
                          const Tensor& mu_theta, double variance) {
  require_variance(variance);
  const Tensor x_t = noised(schedule, t, x_0, eps);
  const double alpha = schedule.alpha[t], beta = schedule.beta[t];
  const double one_minus_alpha_bar = schedule.one_minus_alpha_bar[t];
  // Eq. (10):  || 1 / sqrt(alpha_t) (x_t - beta_t / sqrt(1 - alpha_bar_t) eps) - mu_theta ||^2
  //            / (2 sigma_t^2)
  const Tensor target =
      scale(1 / std::sqrt(alpha), linear_combination(1, x_t, -beta / std::sqrt(one_minus_alpha_bar), eps));
  return squared_distance(target, mu_theta) / (2 * variance);
}

PerImage step_loss_noise(const Schedule& schedule, int t, const Tensor& eps, const Tensor& eps_hat,
                         double variance) {
  // Eq. (12):  L_{t-1} - C = weight_t || eps - eps_theta(x_t, t) ||^2, with the weight below
  return loss_weight(schedule, t, variance) * squared_distance(eps, eps_hat);
}

double loss_weight(const Schedule& schedule, int t, double variance) {
  schedule.ensure_time(t);
  require_variance(variance);
  const double alpha = schedule.alpha[t], beta = schedule.beta[t];
  const double one_minus_alpha_bar = schedule.one_minus_alpha_bar[t];
  // Eq. (12):  weight_t = beta_t^2 / (2 sigma_t^2 alpha_t (1 - alpha_bar_t))
  return beta * beta / (2 * variance * alpha * one_minus_alpha_bar);
}

}  // namespace ddpm
