// L_{t−1} and its forms: see step_loss.h. Section 3.2 of the paper.
#include "ddpm/step_loss.h"

#include <cmath>

#include "ddpm/forward.h"
#include "ddpm/posterior.h"
#include "ddpm/reverse.h"

namespace {

// x_t(x_0, eps) of Eq. (4), with one t for all images.
Tensor noised(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& eps) {
  return q_sample(schedule, std::vector<int>(x_0.dim(0), t), x_0, eps);
}

}  // namespace

double step_constant(const Schedule& schedule, int t, double variance) {
  ENSURE(t >= 2, "t = ", t, ": L_0 is no KL divergence");
  require_variance(variance);
  // Eq. (8):  C = 1/2 (beta_tilde_t / sigma_t^2 - 1 - log(beta_tilde_t / sigma_t^2))
  const double ratio = schedule.posterior_variance(t) / variance;
  return 0.5 * (ratio - 1 - std::log(ratio));
}

PerImage step_term(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& x_t,
                   const Tensor& mu_theta, double variance) {
  const double C = step_constant(schedule, t, variance) * static_cast<double>(x_0.size() / x_0.dim(0));
  // Eq. (5):  L_{t-1} = KL(q(x_{t-1} | x_t, x_0) || p_theta(x_{t-1} | x_t)), by Eq. (8) and its C
  PerImage term = step_loss_posterior(schedule, t, x_0, x_t, mu_theta, variance);
  for (double& value : term) value += C;
  return term;
}

PerImage step_loss_posterior(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& x_t,
                             const Tensor& mu_theta, double variance) {
  // Eq. (8):  L_{t-1} - C = || mu_tilde_t(x_t, x_0) - mu_theta(x_t, t) ||^2 / (2 sigma_t^2)
  return scaled_distance(posterior_mean(schedule, t, x_0, x_t), mu_theta, variance);
}

PerImage step_loss_reparametrised(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& eps,
                                  const Tensor& mu_theta, double variance) {
  const Tensor x_t = noised(schedule, t, x_0, eps);
  // Eq. (9):  || mu_tilde_t(x_t, (x_t - sqrt(1 - alpha_bar_t) eps) / sqrt(alpha_bar_t)) - mu_theta ||^2
  //           / (2 sigma_t^2)
  const Tensor mu_tilde = posterior_mean(schedule, t, predict_x0(schedule, t, x_t, eps), x_t);
  return scaled_distance(mu_tilde, mu_theta, variance);
}

PerImage step_loss_target(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& eps,
                          const Tensor& mu_theta, double variance) {
  const Tensor x_t = noised(schedule, t, x_0, eps);
  // Eq. (10):  || 1 / sqrt(alpha_t) (x_t - beta_t / sqrt(1 - alpha_bar_t) eps) - mu_theta ||^2
  //            / (2 sigma_t^2)
  return scaled_distance(reverse_mean(schedule, t, x_t, eps, false), mu_theta, variance);
}

PerImage step_loss_noise(const Schedule& schedule, int t, const Tensor& eps, const Tensor& eps_theta,
                         double variance) {
  // Eq. (12):  beta_t^2 / (2 sigma_t^2 alpha_t (1 - alpha_bar_t)) || eps - eps_theta(x_t, t) ||^2
  const double weight = schedule.loss_weight(t) * schedule.beta[t];  // times sigma_t^2
  PerImage loss = scaled_distance(eps, eps_theta, variance);         // over 2 sigma_t^2
  for (double& value : loss) value *= 2 * weight;
  return loss;
}
