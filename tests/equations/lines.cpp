// Appendix A and Eq. (16) as functions: see lines.h.
#include "tests/equations/lines.h"

#include <cmath>
#include <numbers>

#include "ddpm/bound.h"
#include "ddpm/forward.h"
#include "ddpm/posterior.h"
#include "ddpm/reverse.h"
#include "ddpm/losses.h"
#include "tests/equations/number.h"

namespace ddpm::test::equations {

Setting::Setting(const std::vector<double>& betas, Normal data)
    : tables(betas), schedule(betas), data(data), slope(tables.T + 1), offset(tables.T + 1),
      variances(tables.beta) {
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

double Setting::mu_theta(int t, double x_t) const {
  return value(reverse_mean(schedule, t, number(x_t), number(eps_theta(x_t, t))));
}

double Setting::log_p(int t, double x_t, double x_prev) const {
  const Tensor eps = number(eps_theta(x_t, t));
  return value(reverse_log_density(schedule, t, number(x_t), eps, variances[t], number(x_prev)));
}

Normal Setting::marginal(int t) const {
  return {std::sqrt(tables.bar[t]) * data.mean, tables.bar[t] * data.variance + tables.noise[t]};
}

Normal Setting::back(int t, double x_t) const {
  return bayes(marginal(t - 1), std::sqrt(tables.alpha[t]), tables.beta[t], x_t);
}

double Setting::entropy() const {
  return 0.5 * std::log(2 * std::numbers::pi * std::numbers::e * data.variance);
}

void Setting::exact_variances() {
  for (int t = 1; t <= tables.T; ++t) variances[t] = back(t, 0).variance;
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
  // The paths that expectation() evaluates become the images of one batch.
  std::vector<std::vector<double>> paths;
  const int T = in.tables.T;
  expectation(T + 1, [&](const std::vector<double>& z) {
    paths.push_back(path_from(in, z));
    return 0.0;
  });
  std::vector<Tensor> batch;
  for (int t = 0; t <= T; ++t) {
    batch.emplace_back(Shape{int(paths.size()), 1});
    for (size_t b = 0; b < paths.size(); ++b) batch[t].data()[b] = paths[b][t];
  }
  const PerImage bound = path_bound(in.schedule, in.variances, in.predictor(), batch);
  size_t next = 0;
  return expectation(T + 1, [&](const std::vector<double>&) { return bound[next++]; });
}

double Path::p_T() const { return value(prior_log_density(number(x[in.tables.T]))); }
double Path::p(int t) const { return in.log_p(t, x[t], x[t - 1]); }
double Path::q(int t) const {
  return value(forward_log_density(in.schedule, t, number(x[t - 1]), number(x[t])));
}
double Path::q_0(int t) const {
  const double sd = value(q_sample(in.schedule, {t}, number(0), number(1)));
  return normal_log_density(x[t], value(q_sample(in.schedule, {t}, number(x[0]), number(0))), sd * sd);
}
double Path::q_back_0(int t) const {
  return value(posterior_log_density(in.schedule, t, number(x[0]), number(x[t]), number(x[t - 1])));
}
double Path::q_marginal(int t) const {
  const auto [mean, variance] = in.marginal(t);
  return normal_log_density(x[t], mean, variance);
}
double Path::q_back(int t) const {
  const auto [mean, variance] = in.back(t, x[t]);
  return normal_log_density(x[t - 1], mean, variance);
}
double Path::sum(int from, const std::function<double(int)>& term) const {
  double total = 0;
  for (int t = from; t <= in.tables.T; ++t) total += term(t);
  return total;
}

double line_17(const Path& c) {
  // Eq. (17):  -log p_theta(x_{0:T}) / q(x_{1:T} | x_0)
  const double log_p = c.p_T() + c.sum(1, [&](int t) { return c.p(t); });
  const double log_q = c.sum(1, [&](int t) { return c.q(t); });
  return -(log_p - log_q);
}

double line_18(const Path& c) {
  // Eq. (18):  -log p(x_T) - sum_{t >= 1} log p_theta(x_{t-1} | x_t) / q(x_t | x_{t-1})
  return -c.p_T() - c.sum(1, [&](int t) { return c.p(t) - c.q(t); });
}

double line_19(const Path& c) {
  // Eq. (19):  the term t = 1, separate from the sum
  return -c.p_T() - c.sum(2, [&](int t) { return c.p(t) - c.q(t); }) - (c.p(1) - c.q(1));
}

double line_20(const Path& c) {
  // Eq. (20):  q(x_t | x_{t-1}) = q(x_{t-1} | x_t, x_0) q(x_t | x_0) / q(x_{t-1} | x_0) inserted
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
    const Tensor x_0 = number(in.data.mean + std::sqrt(in.data.variance) * z[0]), eps = number(z[1]);
    double terms = value(prior_term(in.schedule, x_0));
    for (int t = in.tables.T; t >= 1; --t) {
      const Tensor x_t = q_sample(in.schedule, {t}, x_0, eps), mu = number(in.mu_theta(t, value(x_t)));
      terms += t > 1 ? value(step_term(in.schedule, t, x_0, x_t, mu, in.variances[t]))
                     : -in.log_p(1, value(x_t), value(x_0));
    }
    return terms;
  });
}

double line_23(const Path& c) {
  // Eq. (23):  -log p(x_T) - sum_{t >= 1} log p_theta(x_{t-1} | x_t) / q(x_t | x_{t-1}),
  //            which is Eq. (18): the second derivation starts here
  const auto ratio = [&](int t) { return c.p(t) - c.q(t); };
  return -c.p_T() - c.sum(1, ratio);
}

double line_24(const Path& c) {
  // Eq. (24):  q(x_t | x_{t-1}) = q(x_{t-1} | x_t) q(x_t) / q(x_{t-1}) inserted
  const auto term = [&](int t) { return c.p(t) - c.q_back(t) + c.q_marginal(t - 1) - c.q_marginal(t); };
  return -c.p_T() - c.sum(1, term);
}

double line_25(const Path& c) {
  // Eq. (25):  -log p(x_T) / q(x_T) - sum_{t >= 1} log p_theta(x_{t-1} | x_t) / q(x_{t-1} | x_t)
  //            - log q(x_0)
  const auto term = [&](int t) { return c.p(t) - c.q_back(t); };
  return -(c.p_T() - c.q_marginal(c.in.tables.T)) - c.sum(1, term) - c.q_marginal(0);
}

namespace {

// Returns E_q[ KL(q(x_{t-1} | x_t) || p_theta(x_{t-1} | x_t)) ].
double step_divergence(const Setting& in, int t) {
  const Normal now = in.marginal(t);
  return expectation(1, [&](const std::vector<double>& z) {
    const double x_t = now.mean + std::sqrt(now.variance) * z[0];
    return kl(in.back(t, x_t), {in.mu_theta(t, x_t), in.variances[t]});
  });
}

}  // namespace

double line_16(const Setting& in) {
  // Eq. (16):  KL(q(x_T) || p(x_T)) + E_q[ sum_{t >= 1} KL(q(x_{t-1} | x_t) || p_theta(x_{t-1} | x_t)) ]
  //            + H(x_0)
  double bound = kl(in.marginal(in.tables.T), {0, 1});
  for (int t = 1; t <= in.tables.T; ++t) bound += step_divergence(in, t);
  return bound + in.entropy();
}

double line_26(const Setting& in) {
  // Eq. (26):  KL(q(x_T) || p(x_T)) + E_q[ sum_{t >= 1} KL(q(x_{t-1} | x_t) || p_theta(x_{t-1} | x_t)) ]
  //            + H(x_0), which is Eq. (16): the second derivation ends here
  double steps = 0;
  for (int t = 1; t <= in.tables.T; ++t) steps += step_divergence(in, t);
  return kl(in.marginal(in.tables.T), {0, 1}) + steps + in.entropy();
}

}  // namespace ddpm::test::equations
