// L_{t−1}, its forms, and L_simple: see losses.h. Sections 3.2 and 3.4 of the paper.
#include "ddpm/losses.h"

#include <cmath>

#include "ddpm/forward.h"
#include "ddpm/posterior.h"
#include "ddpm/reverse.h"
#include "tensor/ops.h"

namespace ddpm {

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
  const double C = step_constant(schedule, t, variance) * double(x_0.size() / x_0.dim(0));
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

PerImage step_loss_reparametrized(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& eps,
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
  return scaled_distance(reverse_mean(schedule, t, x_t, eps, Clip::off), mu_theta, variance);
}

PerImage step_loss_noise(const Schedule& schedule, int t, const Tensor& eps, const Tensor& eps_theta,
                         double variance) {
  // Eq. (12):  beta_t^2 / (2 sigma_t^2 alpha_t (1 - alpha_bar_t)) || eps - eps_theta(x_t, t) ||^2
  const double weight = schedule.loss_weight(t) * schedule.beta[t];  // times sigma_t^2
  PerImage loss = scaled_distance(eps, eps_theta, variance);         // over 2 sigma_t^2
  for (double& value : loss) value *= 2 * weight;
  return loss;
}

Tensor predict_noise(Tape& tape, const Unet& network, const Tensor& x_t, const std::vector<int>& t,
                     const Stream* dropout_stream) {
  // Departure 8: the network counts time from 0.
  Tensor time({int(t.size())});
  for (size_t b = 0; b < t.size(); ++b) time.data()[b] = real(t[b] - 1);
  return network(tape, x_t, time, dropout_stream);
}

Tensor simple_loss(Tape& tape, const NoisePredictor& eps_theta, const Schedule& schedule, const Tensor& x_0,
                   const std::vector<int>& t, const Tensor& eps, std::vector<double>* per_image) {
  // Eq. (4):  x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps
  const Tensor x_t = q_sample(schedule, t, x_0, eps);
  // Eq. (14):  L_simple = || eps - eps_theta(x_t, t) ||^2
  // Departure 7: the mean over dimensions, not their sum, as in the official code.
  return mean_squared_error(tape, eps_theta(tape, x_t, t), eps, per_image);
}

Tensor simple_loss(Tape& tape, const Unet& network, const Schedule& schedule, const Tensor& x_0,
                   const std::vector<int>& t, const Tensor& eps, const Stream* dropout_stream,
                   std::vector<double>* per_image) {
  const NoisePredictor eps_theta = [&](Tape& own, const Tensor& x_t, const std::vector<int>& times) {
    return predict_noise(own, network, x_t, times, dropout_stream);
  };
  return simple_loss(tape, eps_theta, schedule, x_0, t, eps, per_image);
}

}  // namespace ddpm
