// Eq. (6), (7), (11), (15): the forward posterior, and the reverse process's
// mean that is made of it.
#include "tests/equations/oracles.h"
#include "tests/equations/registry.h"

namespace equations {

namespace {

// q(x_{t−1} | x_0) and q(x_{t−1} | x_t, x_0) from the tables, by adding precisions.
Normal before(const Tables& c, int t, double x_0) {
  return {std::sqrt(c.bar[t - 1]) * x_0, c.noise[t - 1]};
}
Normal posterior(const Tables& c, int t, double x_0, double x_t) {
  return bayes(before(c, t, x_0), std::sqrt(c.alpha[t]), c.beta[t], x_t);
}

// A likely x_t for this x_0.
double likely(const Tables& c, int t, double x_0) {
  return std::sqrt(c.bar[t]) * x_0 + 0.8 * std::sqrt(c.noise[t]);
}

}  // namespace

EQUATION(6, "the forward posterior is a Gaussian", "the density of Bayes' rule, normalised on a grid") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    const Tables c(betas);
    const Schedule s = f.tables(betas);
    for (int t : some_times()) {
      if (t == 1 || t > c.T) continue;
      const double x_0 = some_number(t), x_t = likely(c, t, x_0), root = std::sqrt(c.alpha[t]);
      const Normal prior = before(c, t, x_0), want = posterior(c, t, x_0, x_t);
      const auto product = [&](double x) {
        return log_bell(x, prior.mean, prior.variance) + log_bell(x_t, root * x, c.beta[t]);
      };
      const double reach = 12 * std::sqrt(want.variance);
      const double evidence = std::log(sum_density(product, want.mean - reach, want.mean + reach).mass);
      for (double z : {-2.0, 0.0, 1.3}) {
        const double x = want.mean + z * std::sqrt(want.variance);
        const double got = f.posterior_log_density(s, t, x_0, x_t, x);
        worst.near(got, product(x) - evidence, 1e-9, "t = ", t, ", z = ", z);  // x's rounding over 0.007
      }
    }
  }
  return worst;
}

EQUATION(7, "the forward posterior's mean and variance",
         "Bayes' rule on a grid, and by precisions for all t") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    const Tables c(betas);
    const Schedule s = f.tables(betas);
    for (int t = 1; t <= c.T; ++t) {
      const double x_0 = some_number(t), x_t = some_number(t, 1);
      const Normal want = posterior(c, t, x_0, x_t);
      worst.near(f.posterior_mean(s, t, x_0, x_t), want.mean, 1e-12, "mean, t = ", t);  // rounding
      worst.near(f.posterior_variance(s, t), want.variance, 1e-12 * c.beta[t], "variance, t = ", t);
      worst.near(f.posterior_coef_x0(s, t), posterior(c, t, 1, 0).mean, 1e-12, "of x_0, t = ", t);
      worst.near(f.posterior_coef_xt(s, t), posterior(c, t, 0, 1).mean, 1e-12, "of x_t, t = ", t);
    }
    for (int t : some_times()) {
      if (t == 1 || t > c.T) continue;
      const double x_0 = some_number(t), x_t = likely(c, t, x_0);
      const Normal want = bayes_on_grid(before(c, t, x_0), std::sqrt(c.alpha[t]), c.beta[t], x_t);
      // The grid is centred within 0.6 of x; its moments err by 1e-13 of that.
      worst.near(f.posterior_mean(s, t, x_0, x_t), want.mean, 1e-11, "mean on a grid, t = ", t);
      const double tolerance = 1e-11 * c.beta[t] + 1e-16;  // a difference of second moments
      worst.near(f.posterior_variance(s, t), want.variance, tolerance, "variance on a grid, t = ", t);
    }
  }
  return worst;
}

EQUATION(11, "the reverse mean from the predicted noise, in two forms",
         "both forms against Bayes' rule at x_0 hat, for all t; with and without the clip") {
  Worst worst;
  const Tables c(paper_betas());
  const Schedule s = f.tables(paper_betas());
  for (int t = 1; t <= c.T; ++t) {
    const double x_t = some_number(t), eps = some_number(t, 1);
    const double x_0 = (x_t - std::sqrt(c.noise[t]) * eps) / std::sqrt(c.bar[t]);
    const double want = posterior(c, t, x_0, x_t).mean;
    const double tolerance = 1e-13 / std::sqrt(c.bar[t]);  // rounding of x_0 hat, up to 157 times larger
    const double first = f.posterior_mean(s, t, f.predict_x0(s, t, x_t, eps), x_t);
    worst.near(f.reverse_mean(s, t, x_t, eps, false), want, tolerance, "second form, t = ", t);
    worst.near(first, want, tolerance, "first form, t = ", t);
    const double clipped = std::fmin(std::fmax(x_0, -1), 1);  // Departure 2
    worst.near(f.reverse_mean(s, t, x_t, eps, true), posterior(c, t, clipped, x_t).mean, tolerance,
               "first form with the clip, t = ", t);
  }
  return worst;
}

EQUATION(15, "the estimate of x_0 from x_t and the noise", "Eq. (4) inverted, for all t") {
  Worst worst;
  const Tables c(paper_betas());
  const Schedule s = f.tables(paper_betas());
  for (int t = 1; t <= c.T; ++t) {
    const double x_0 = some_number(t), eps = some_number(t, 1);
    const double x_t = std::sqrt(c.bar[t]) * x_0 + std::sqrt(c.noise[t]) * eps;
    const double tolerance = 1e-13 / std::sqrt(c.bar[t]);  // rounding, up to 157 times larger
    worst.near(f.predict_x0(s, t, x_t, eps), x_0, tolerance, "t = ", t);
  }
  return worst;
}

}  // namespace equations
