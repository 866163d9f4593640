// The variational bound: see bound.h. Sections 2 and 3.3 of the paper.
#include "ddpm/bound.h"

#include <cmath>
#include <numbers>

#include "ddpm/decoder.h"
#include "ddpm/forward.h"
#include "ddpm/losses.h"
#include "ddpm/posterior.h"
#include "ddpm/reverse.h"

namespace ddpm {

namespace {

void ensure_variances(const Schedule& schedule, const std::vector<double>& variances) {
  const int T = schedule.T;
  ENSURE(int(variances.size()) == T + 1, variances.size(), " variances, T = ", T);
  for (int t = 1; t <= T; ++t) require_variance(variances[t]);
}

}  // namespace

PerImage path_bound(const Schedule& schedule, const std::vector<double>& variances,
                    const NoisePredictor& eps_theta, const std::vector<Tensor>& path) {
  const int T = schedule.T;
  ENSURE(int(path.size()) == T + 1, path.size(), " points, T = ", T);
  ensure_variances(schedule, variances);
  // Eq. (3):  -log p(x_T) - sum_{t >= 1} log p_theta(x_{t-1} | x_t) / q(x_t | x_{t-1})
  PerImage bound = -prior_log_density(path[T]);
  for (int t = 1; t <= T; ++t) {
    const Tensor eps_hat = predict(eps_theta, path[t], t);
    const PerImage log_p = reverse_log_density(schedule, t, path[t], eps_hat, variances[t], path[t - 1]);
    const PerImage log_q = forward_log_density(schedule, t, path[t - 1], path[t]);
    bound -= log_p - log_q;
  }
  return bound;
}

double prior_nats_per_dim(const Schedule& schedule, double mean_square) {
  const double alpha_bar = schedule.alpha_bar[schedule.T];
  const double one_minus_alpha_bar = schedule.one_minus_alpha_bar[schedule.T];
  // log1p keeps all digits of the logarithm if alpha_bar_T is small, log if 1 - alpha_bar_T is small.
  const double log_one_minus_alpha_bar =
      alpha_bar < 0.5 ? std::log1p(-alpha_bar) : std::log(one_minus_alpha_bar);
  // Eq. (5):  L_T = KL(q(x_T | x_0) || p(x_T))
  //               = 1/2 (alpha_bar_T mean(x_0^2) - alpha_bar_T - log(1 - alpha_bar_T)) per dimension
  return (alpha_bar * mean_square - alpha_bar - log_one_minus_alpha_bar) / 2;
}

PerImage prior_term(const Schedule& schedule, const Tensor& x_0) {
  const double n = double(x_0.size() / x_0.dim(0));
  PerImage L_T(x_0.dim(0));
  const PerImage mean_square = squared_norm(x_0) / n;
  for (size_t b = 0; b < L_T.size(); ++b) L_T[b] = n * prior_nats_per_dim(schedule, mean_square[b]);
  return L_T;
}

double Bound::total(int b) const { return L[0][b] + rate(b); }

double Bound::rate(int b) const {
  double sum = 0;
  for (size_t t = 1; t < L.size(); ++t) sum += L[t][b];
  return sum;
}

Bound variational_bound(const Schedule& schedule, const std::vector<double>& variances,
                        const NoisePredictor& eps_theta, const Tensor& x_0, Stream eps_stream, Clip clip) {
  const int T = schedule.T;
  ensure_variances(schedule, variances);
  require_levels(x_0);
  Bound bound{std::vector<PerImage>(T + 1)};
  // Eq. (5):  L = L_T + sum_{t > 1} L_{t-1} + L_0
  bound.L[T] = prior_term(schedule, x_0);
  for (int t = T; t >= 1; --t) {
    eps_stream.step = uint32_t(t);
    const Tensor eps = standard_normal(x_0.shape(), eps_stream);
    const Tensor x_t = q_sample(schedule, std::vector<int>(x_0.dim(0), t), x_0, eps);
    const Tensor eps_hat = predict(eps_theta, x_t, t);
    // Departure 2: with the clip, mu_theta is Eq. (7)'s mean at the clipped x_0_hat.
    const Tensor mu_theta = clip == Clip::off
                                ? reverse_mean(schedule, t, x_t, eps_hat)
                                : posterior_mean(schedule, t, clipped_x0(schedule, t, x_t, eps_hat), x_t);
    // Eq. (5):  L_{t-1} = KL(q(x_{t-1} | x_t, x_0) || p_theta(x_{t-1} | x_t)) for t > 1,
    //           L_0 = -log p_theta(x_0 | x_1), by Eq. (13)
    bound.L[t - 1] = t > 1 ? step_term(schedule, t, x_0, x_t, mu_theta, variances[t])
                           : PerImage(-decoder_log_likelihood(x_0, mu_theta, variances[1]));
  }
  return bound;
}

double bits_per_dim(double nats, int64_t dimensions) {
  return nats / (double(dimensions) * std::numbers::ln2);
}

}  // namespace ddpm
