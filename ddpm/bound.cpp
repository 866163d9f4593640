// The variational bound: see bound.h. Section 2 and Section 3.3 of the paper.
#include "ddpm/bound.h"

#include <numbers>

#include "ddpm/decoder.h"
#include "ddpm/forward.h"
#include "ddpm/reverse.h"
#include "ddpm/losses.h"

namespace ddpm {

namespace {

// ε_θ(x_t, t), with one t for all images and no tape.
Tensor predicted(const NoisePredictor& eps_theta, const Tensor& x_t, int t) {
  Tape tape(Tape::off);
  return eps_theta(tape, x_t, std::vector<int>(x_t.dim(0), t));
}

// What would go wrong only after the network's T calls is asked for before them.
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
  PerImage bound = prior_log_density(path[T]);
  for (double& value : bound) value = -value;
  for (int t = 1; t <= T; ++t) {
    const Tensor eps = predicted(eps_theta, path[t], t);
    const PerImage log_q = forward_log_density(schedule, t, path[t - 1], path[t]);
    const PerImage log_p = reverse_log_density(schedule, t, path[t], eps, variances[t], path[t - 1]);
    for (size_t b = 0; b < bound.size(); ++b) bound[b] -= log_p[b] - log_q[b];
  }
  return bound;
}

PerImage prior_term(const Schedule& schedule, const Tensor& x_0) {
  const double n = double(x_0.size() / x_0.dim(0));
  // Eq. (5):  L_T = KL(q(x_T | x_0) || p(x_T)), by the image's mean square
  PerImage term = scaled_distance(x_0, Tensor::zeros(x_0.shape()), 0.5);  // ||x_0||^2
  for (double& value : term) value = schedule.prior_bits_per_dim(value / n) * n * std::numbers::ln2;
  return term;
}

double Bound::total(int b) const { return L[0][b] + rate(b); }

double Bound::rate(int b) const {
  double sum = 0;
  for (size_t i = 1; i < L.size(); ++i) sum += L[i][b];
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
    const Tensor mu_theta = reverse_mean(schedule, t, x_t, predicted(eps_theta, x_t, t), clip);
    if (t > 1) {
      bound.L[t - 1] = step_term(schedule, t, x_0, x_t, mu_theta, variances[t]);
      continue;
    }
    // Eq. (5):  L_0 = -log p_theta(x_0 | x_1), by Eq. (13)
    bound.L[0] = decoder_log_likelihood(x_0, mu_theta, variances[1]);
    for (double& value : bound.L[0]) value = -value;
  }
  return bound;
}

double bits_per_dim(double nats, int64_t dimensions) {
  return nats / (double(dimensions) * std::numbers::ln2);
}

}  // namespace ddpm
