// Eq. (1): the reverse process. Eq. (2) and (4): the forward process. They are compared with Bayes' rule,
// with sums over a grid and with simulated chains. The code: ddpm/reverse.cpp, ddpm/forward.cpp.
#include <numeric>

#include "ddpm/forward.h"
#include "ddpm/reverse.h"
#include "kernels/kernels.h"
#include "tensor/random.h"
#include "tests/equations/lines.h"
#include "tests/equations/number.h"
#include "tests/equations/registry.h"

namespace ddpm::test::equations {

// Eq. (1):  p_theta(x_{0:T}) = p(x_T) product_{t >= 1} p_theta(x_{t-1} | x_t),  p(x_T) = N(x_T; 0, I),
//           p_theta(x_{t-1} | x_t) = N(x_{t-1}; mu_theta(x_t, t), Sigma_theta(x_t, t))
namespace {

double log_prior(double x_T) { return value(prior_log_density(number(x_T))); }

// Compares one step with Bayes' rule: with eps* and the exact variance it is q(x_{t-1} | x_t).
void one_step_is_bayes(Worst& worst) {
  Setting in(paper_betas(), {-0.3, 0.25});
  in.exact_variances();
  for (int t = 1; t <= in.tables.T; ++t) {
    const double x_t = some_number(t);
    const Normal want = in.back(t, x_t);
    const double x = want.mean + some_number(t, 1) * std::sqrt(want.variance);
    // The rounding of x relative to a deviation of 0.01 is 1e-14; the tables' last digits (1e-13), divided by
    // variances, make it 1e-10.
    worst.near(in.log_p(t, x_t, x), normal_log_density(x, want.mean, want.variance), 1e-10,
               "log p_theta(x_{t-1}|x_t), t = ", t);
  }
}

// Integrates p(x_2) p(x_1 | x_2) p(x_0 | x_1) over x_1 and x_2, and compares with p(x_0) in closed form.
void product_is_the_chain(Worst& worst) {
  const Setting in({0.3, 0.5}, {0.4, 0.25});
  for (double x_0 : {-1.0, 0.2, 1.5}) {
    const auto p_of_x_2 = [&](double x_2) {
      const auto p_of_x_1 = [&](double x_1) {
        return log_prior(x_2) + in.log_p(2, x_2, x_1) + in.log_p(1, x_1, x_0);
      };
      return std::log(sum_density(p_of_x_1, -8, 8, 80).mass);
    };
    const double mass = sum_density(p_of_x_2, -8, 8, 60).mass;
    const Normal model = in.model();
    const double want = std::exp(normal_log_density(x_0, model.mean, model.variance));
    // The mass beyond 8 is below 1e-14.
    worst.near(mass, want, 1e-11, "p_theta(x_0 = ", x_0, ")");
  }
}

}  // namespace

EQUATION(1, "the reverse process is a chain of Gaussians that starts at N(0, I)",
         "p(x_T) by its moments; a step by Bayes' rule; the chain by integrating over x_1 and x_2") {
  Worst worst;
  const auto [mass, mean, variance] = sum_density(log_prior, -10, 10);
  worst.near(mass, 1, 1e-13, "mass of p(x_T)");  // the sum's rounding
  worst.near(mean, 0, 1e-13, "its mean"), worst.near(variance, 1, 1e-13, "its variance");
  one_step_is_bayes(worst);
  product_is_the_chain(worst);
  return worst;
}

// Eq. (2):  q(x_{1:T} | x_0) = product_{t >= 1} q(x_t | x_{t-1}),
//           q(x_t | x_{t-1}) = N(x_t; sqrt(1 - beta_t) x_{t-1}, beta_t I)
namespace {

double step(const Schedule& s, int t, double x_prev, double eps) {
  return value(forward_step(s, t, number(x_prev), number(eps)));
}

// Compares the moments of x_t given x_0 = 1, step by step, with Eq. (4). A step a x_{t-1} + b eps has a^2 +
// b^2 = 1.
void moments_of_the_chain(const Tables& c, const Schedule& s, Worst& worst) {
  double mean = 1, variance = 0;
  for (int t = 1; t <= c.T; ++t) {
    const double a = step(s, t, 1, 0), b = step(s, t, 0, 1);
    mean *= a, variance = a * a * variance + b * b;
    // Each of 1000 steps rounds by 1e-16.
    worst.near(a * a + b * b, 1, 1e-15, "variance kept, t = ", t);
    worst.near(variance, c.noise[t], 1e-13, "variance of the chain, t = ", t);
    worst.near(mean, std::sqrt(c.bar[t]), 1e-13, "mean of the chain, t = ", t);
  }
}

void moments_of_the_density(const Tables& c, const Schedule& s, Worst& worst) {
  for (int t : {1, 2, c.T}) {
    const double before = some_number(t), m = std::sqrt(c.alpha[t]) * before;
    const auto density = [&](double x) {
      return value(forward_log_density(s, t, number(before), number(x)));
    };
    const double reach = 10 * std::sqrt(c.beta[t]);
    const auto [mass, centre, spread] = sum_density(density, m - reach, m + reach);
    worst.near(mass, 1, 1e-11, "mass of q(x_t|x_{t-1}), t = ", t);  // the sum's rounding
    worst.near(centre, m, 1e-11, "its mean, t = ", t);
    worst.near(spread / c.beta[t], 1, 1e-11, "its variance over beta_t, t = ", t);
  }
}

// Compares 4000 simulated chains from x_0 = 0.8 with Eq. (4), within 5 standard errors (level 6e-7).
void simulated_chains(Worst& worst) {
  const int n = 4000;
  const Tables c(short_betas());
  const Schedule s(short_betas());
  std::vector<double> x(n, 0.8), z(n);
  for (int t = 1; t <= c.T; ++t) {
    kernels::fill_normal(n, {3, purpose_test, 2, uint32_t(t)}, z.data());
    for (int i = 0; i < n; ++i) x[i] = step(s, t, x[i], z[i]);
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
    const double variance = std::inner_product(x.begin(), x.end(), x.begin(), 0.0) / n - mean * mean;
    const double v = c.noise[t];
    worst.near(mean, std::sqrt(c.bar[t]) * 0.8, 5 * std::sqrt(v / n), "simulated mean, t = ", t);
    worst.near(variance, v, 5 * v * std::sqrt(2.0 / n), "simulated variance, t = ", t);
  }
}

}  // namespace

EQUATION(2, "one step of the forward process, which keeps a variance of 1",
         "moments step by step, for all t; integrals of the density; simulated chains") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    moments_of_the_chain(Tables(betas), Schedule(betas), worst);
    moments_of_the_density(Tables(betas), Schedule(betas), worst);
  }
  simulated_chains(worst);
  return worst;
}

// Eq. (4):  q(x_t | x_0) = N(x_t; sqrt(alpha_bar_t) x_0, (1 - alpha_bar_t) I)
EQUATION(4, "all t steps of the forward process at once", "the moments of the chain of Eq. (2), for all t") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    const Schedule s(betas);
    double mean = 1, variance = 0;  // of x_t given x_0 = 1, by Eq. (2) step by step
    for (int t = 1; t <= s.T; ++t) {
      const double beta = betas[t - 1], x_0 = some_number(t), eps = some_number(t, 1);
      mean *= std::sqrt(1 - beta), variance = (1 - beta) * variance + beta;
      const double want = mean * x_0 + std::sqrt(variance) * eps;
      const double got = value(q_sample(s, {t}, number(x_0), number(eps)));
      worst.near(got, want, 1e-12, "x_t, t = ", t);  // each step rounds by 1e-16
    }
  }
  return worst;
}

}  // namespace ddpm::test::equations
