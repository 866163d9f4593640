// The bound in one dimension, and appendix A line by line: see lines.h.
// A line that holds on every path is a function of a Path; the others, which
// are expectations, of a Setting.
#include "tests/equations/lines.h"

#include <cmath>
#include <numbers>

namespace equations {

Setting::Setting(const Formulas& formulas, const std::vector<double>& betas, Normal data)
    : f(formulas), tables(betas), schedule(f.tables(betas)), data(data), slope(tables.T + 1),
      offset(tables.T + 1), variances(tables.beta) {
  for (int t = 1; t <= tables.T; ++t) {
    // eps*(x, t) = sqrt(1 - alpha_bar_t) (x - E x_t) / Var x_t
    const Normal now = marginal(t);
    slope[t] = std::sqrt(tables.noise[t]) / now.variance;
    offset[t] = -slope[t] * now.mean;
  }
}

NoisePredictor Setting::predictor() const {
  return [this](Tape&, const Tensor& x, const std::vector<int>& t) {
    Tensor eps(x.shape());
    for (int64_t i = 0; i < x.size(); ++i) eps.data()[i] = eps_theta(x.data()[i], t[0]);
    return eps;
  };
}

Normal Setting::marginal(int t) const {
  return {std::sqrt(tables.bar[t]) * data.mean, tables.bar[t] * data.variance + tables.noise[t]};
}

void Setting::exact_variances() {
  for (int t = 1; t <= tables.T; ++t)
    variances[t] = bayes(marginal(t - 1), std::sqrt(tables.alpha[t]), tables.beta[t], 0).variance;
}

Setting::Affine Setting::reverse_step(int t) const {
  const double scale = 1 / std::sqrt(tables.alpha[t]);
  const double noise = tables.beta[t] / std::sqrt(tables.noise[t]);
  return {scale * (1 - noise * slope[t]), -scale * noise * offset[t]};
}

double Setting::closed_bound() const {
  const double log_2_pi = std::log(2 * std::numbers::pi);
  const Normal last = marginal(tables.T);
  double bound = 0.5 * (log_2_pi + last.variance + last.mean * last.mean);  // E[-log p(x_T)]
  for (int t = 1; t <= tables.T; ++t) {
    const Normal before = marginal(t - 1), now = marginal(t);
    const auto [g, h] = reverse_step(t);
    const double bias = before.mean - g * now.mean - h, root = std::sqrt(tables.alpha[t]);
    const double square = bias * bias + before.variance * (1 - 2 * g * root) + g * g * now.variance;
    bound += 0.5 * (log_2_pi + std::log(variances[t]) + square / variances[t]);  // E[-log p_theta]
    bound -= 0.5 * (log_2_pi + std::log(tables.beta[t]) + 1);                    // E[log q]
  }
  return bound;
}

Normal Setting::model() const {
  Normal x{0, 1};
  for (int t = tables.T; t >= 1; --t) {
    const auto [g, h] = reverse_step(t);
    x = {g * x.mean + h, g * g * x.variance + variances[t]};
  }
  return x;
}

std::vector<double> path_from(const Setting& in, const std::vector<double>& z) {
  std::vector<double> x{in.data.mean + std::sqrt(in.data.variance) * z[0]};
  for (int t = 1; t <= in.tables.T; ++t)
    x.push_back(std::sqrt(in.tables.alpha[t]) * x[t - 1] + std::sqrt(in.tables.beta[t]) * z[t]);
  return x;
}

double expected_path_bound(const Setting& in) {
  // All the paths that expectation() asks for, as the images of one batch.
  std::vector<std::vector<double>> paths;
  const int T = in.tables.T;
  expectation(T + 1, [&](const std::vector<double>& z) {
    paths.push_back(path_from(in, z));
    return 0.0;
  });
  std::vector<Tensor> batch;
  for (int t = 0; t <= T; ++t) {
    batch.emplace_back(Shape{static_cast<int>(paths.size()), 1});
    for (size_t b = 0; b < paths.size(); ++b) batch[t].data()[b] = paths[b][t];
  }
  const PerImage bound = in.f.path_bound(in.schedule, in.variances, in.predictor(), batch);
  size_t next = 0;
  return expectation(T + 1, [&](const std::vector<double>&) { return bound[next++]; });
}

double Path::p_T() const { return in.f.prior_log_density(x[in.tables.T]); }
double Path::p(int t) const {
  const double eps = in.eps_theta(x[t], t);
  return in.f.reverse_log_density(in.schedule, t, x[t], eps, in.variances[t], x[t - 1]);
}
double Path::q(int t) const { return in.f.forward_log_density(in.schedule, t, x[t - 1], x[t]); }
double Path::q_0(int t) const {
  const double sd = in.f.q_sample(in.schedule, t, 0.0, 1.0);
  return log_bell(x[t], in.f.q_sample(in.schedule, t, x[0], 0.0), sd * sd);
}
double Path::q_back_0(int t) const {
  return in.f.posterior_log_density(in.schedule, t, x[0], x[t], x[t - 1]);
}
double Path::q_marginal(int t) const {
  const auto [mean, variance] = in.marginal(t);
  return log_bell(x[t], mean, variance);
}
double Path::q_back(int t) const {
  const double root = std::sqrt(in.tables.alpha[t]);
  const auto [mean, variance] = bayes(in.marginal(t - 1), root, in.tables.beta[t], x[t]);
  return log_bell(x[t - 1], mean, variance);
}

double line_17(const Path& c) {
  // Eq. (17):  -log p_theta(x_{0:T}) / q(x_{1:T} | x_0)
  const double log_p = c.p_T() + c.sum(1, [&](int t) { return c.p(t); });
  const double log_q = c.sum(1, [&](int t) { return c.q(t); });
  return -(log_p - log_q);
}

double line_18(const Path& c) {
  // Eq. (18):  -log p(x_T) - sum_{t >= 1} log p_theta(x_{t-1} | x_t) / q(x_t | x_{t-1})
  // Eq. (23):  the same, where the second derivation starts
  return -c.p_T() - c.sum(1, [&](int t) { return c.p(t) - c.q(t); });
}

double line_19(const Path& c) {
  // Eq. (19):  the term t = 1 apart from the sum
  return -c.p_T() - c.sum(2, [&](int t) { return c.p(t) - c.q(t); }) - (c.p(1) - c.q(1));
}

double line_20(const Path& c) {
  // Eq. (20):  q(x_t | x_{t-1}) = q(x_{t-1} | x_t, x_0) q(x_t | x_0) / q(x_{t-1} | x_0) put in
  const auto term = [&](int t) { return c.p(t) - c.q_back_0(t) + c.q_0(t - 1) - c.q_0(t); };
  return -c.p_T() - c.sum(2, term) - (c.p(1) - c.q_0(1));
}

double line_21(const Path& c) {
  // Eq. (21):  -log p(x_T) / q(x_T | x_0)
  //            - sum_{t > 1} log p_theta(x_{t-1} | x_t) / q(x_{t-1} | x_t, x_0) - log p_theta(x_0 | x_1)
  const auto term = [&](int t) { return c.p(t) - c.q_back_0(t); };
  return -(c.p_T() - c.q_0(c.in.tables.T)) - c.sum(2, term) - c.p(1);
}

double line_22(const Setting& in) {
  // Eq. (22):  E_q[ KL(q(x_T | x_0) || p(x_T))
  //            + sum_{t > 1} KL(q(x_{t-1} | x_t, x_0) || p_theta(x_{t-1} | x_t))
  //            - log p_theta(x_0 | x_1) ]
  return expectation(2, [&](const std::vector<double>& z) {
    const double x_0 = in.data.mean + std::sqrt(in.data.variance) * z[0];
    double terms = in.f.prior_term(in.schedule, x_0);
    for (int t = in.tables.T; t >= 1; --t) {
      const double x_t = in.f.q_sample(in.schedule, t, x_0, z[1]), eps = in.eps_theta(x_t, t);
      const double mu = in.f.reverse_mean(in.schedule, t, x_t, eps, false);
      terms += t > 1 ? in.f.step_term(in.schedule, t, x_0, x_t, mu, in.variances[t])
                     : -in.f.reverse_log_density(in.schedule, 1, x_t, eps, in.variances[1], x_0);
    }
    return terms;
  });
}

double line_24(const Path& c) {
  // Eq. (24):  q(x_t | x_{t-1}) = q(x_{t-1} | x_t) q(x_t) / q(x_{t-1}) put in
  const auto term = [&](int t) { return c.p(t) - c.q_back(t) + c.q_marginal(t - 1) - c.q_marginal(t); };
  return -c.p_T() - c.sum(1, term);
}

double line_25(const Path& c) {
  // Eq. (25):  -log p(x_T) / q(x_T) - sum_{t >= 1} log p_theta(x_{t-1} | x_t) / q(x_{t-1} | x_t)
  //            - log q(x_0)
  const auto term = [&](int t) { return c.p(t) - c.q_back(t); };
  return -(c.p_T() - c.q_marginal(c.in.tables.T)) - c.sum(1, term) - c.q_marginal(0);
}

double line_16(const Setting& in) {
  // Eq. (16):  KL(q(x_T) || p(x_T)) + E_q[ sum_{t >= 1} KL(q(x_{t-1} | x_t) || p_theta(x_{t-1} | x_t)) ]
  //            + H(x_0)
  // Eq. (26):  the same, where the second derivation ends
  double bound = kl(in.marginal(in.tables.T), {0, 1});
  for (int t = 1; t <= in.tables.T; ++t) {
    const Normal now = in.marginal(t);
    bound += expectation(1, [&](const std::vector<double>& z) {
      const double x_t = now.mean + std::sqrt(now.variance) * z[0];
      const double mu = in.f.reverse_mean(in.schedule, t, x_t, in.eps_theta(x_t, t), false);
      const double root = std::sqrt(in.tables.alpha[t]);
      const Normal back = bayes(in.marginal(t - 1), root, in.tables.beta[t], x_t);
      return kl(back, {mu, in.variances[t]});
    });
  }
  return bound + 0.5 * std::log(2 * std::numbers::pi * std::numbers::e * in.data.variance);
}

}  // namespace equations
