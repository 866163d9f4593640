// Eq. (6) and (7): the posterior of the forward process, compared with Bayes' rule. Eq. (11) and (15): the
// mean of the reverse process and x_0_hat. The code: ddpm/posterior.cpp, ddpm/reverse.cpp.
#include "ddpm/posterior.h"

#include "ddpm/reverse.h"
#include "tests/equations/number.h"
#include "tests/equations/registry.h"

namespace ddpm::test::equations {

namespace {

// Returns a probable x_t for this x_0.
double likely(const Tables& c, int t, double x_0) {
  return std::sqrt(c.bar[t]) * x_0 + 0.8 * std::sqrt(c.noise[t]);
}

}  // namespace

// Eq. (6):  q(x_{t-1} | x_t, x_0) = N(x_{t-1}; mu_tilde_t(x_t, x_0), beta_tilde_t I)
EQUATION(6, "the posterior of the forward process is a Gaussian",
         "the density of Bayes' rule, normalized on a grid") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    const Tables c(betas);
    const Schedule s(betas);
    for (int t : some_times()) {
      if (t == 1 || t > c.T) continue;
      const double x_0 = some_number(t), x_t = likely(c, t, x_0), root = std::sqrt(c.alpha[t]);
      const Normal prior = noised(c, t - 1, x_0), law = posterior(c, t, x_0, x_t);
      // log q(x_{t-1} | x_0) q(x_t | x_{t-1}); its integral is q(x_t | x_0).
      const auto product = [&](double x) {
        return normal_log_density(x, prior.mean, prior.variance) +
               normal_log_density(x_t, root * x, c.beta[t]);
      };
      const double reach = 12 * std::sqrt(law.variance);
      const double evidence = std::log(sum_density(product, law.mean - reach, law.mean + reach).mass);
      for (double z : {-2.0, 0.0, 1.3}) {
        const double x = law.mean + z * std::sqrt(law.variance);
        const double got = value(posterior_log_density(s, t, number(x_0), number(x_t), number(x)));
        worst.near(got, product(x) - evidence, 1e-9, "t = ", t, ", z = ", z);  // x's rounding over 0.007
      }
    }
  }
  return worst;
}

// Eq. (7):  mu_tilde_t(x_t, x_0) = sqrt(alpha_bar_{t-1}) beta_t / (1 - alpha_bar_t) x_0
//                                + sqrt(alpha_t) (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t) x_t,
//           beta_tilde_t = (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t) beta_t
namespace {

void by_precisions(const Tables& c, const Schedule& s, Worst& worst) {
  for (int t = 1; t <= c.T; ++t) {
    const double x_0 = some_number(t), x_t = some_number(t, 1);
    const Normal want = posterior(c, t, x_0, x_t);
    const double mean = value(posterior_mean(s, t, number(x_0), number(x_t)));
    worst.near(mean, want.mean, 1e-12, "mean, t = ", t);  // rounding, here and below
    worst.near(posterior_variance(s, t), want.variance, 1e-12 * c.beta[t], "variance, t = ", t);
    worst.near(posterior_coefficients(s, t).x_0, posterior(c, t, 1, 0).mean, 1e-12, "of x_0, t = ", t);
    worst.near(posterior_coefficients(s, t).x_t, posterior(c, t, 0, 1).mean, 1e-12, "of x_t, t = ", t);
  }
}

void on_a_grid(const Tables& c, const Schedule& s, Worst& worst) {
  for (int t : some_times()) {
    if (t == 1 || t > c.T) continue;
    const double x_0 = some_number(t), x_t = likely(c, t, x_0);
    const Normal want = bayes_on_grid(noised(c, t - 1, x_0), std::sqrt(c.alpha[t]), c.beta[t], x_t);
    const double mean = value(posterior_mean(s, t, number(x_0), number(x_t)));
    // The centre of the grid is within 0.6 of x; the relative error of the moments is 1e-13 of that.
    worst.near(mean, want.mean, 1e-11, "mean on a grid, t = ", t);
    const double tolerance = 1e-11 * c.beta[t] + 1e-16;  // a difference of second moments
    worst.near(posterior_variance(s, t), want.variance, tolerance, "variance on a grid, t = ", t);
  }
}

}  // namespace

EQUATION(7, "the mean and variance of the posterior",
         "Bayes' rule on a grid for some t, and by adding precisions for all t") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    by_precisions(Tables(betas), Schedule(betas), worst);
    on_a_grid(Tables(betas), Schedule(betas), worst);
  }
  return worst;
}

// Eq. (11):  mu_theta(x_t, t) = mu_tilde_t(x_t, (x_t - sqrt(1 - alpha_bar_t) eps_theta(x_t, t)) /
// sqrt(alpha_bar_t))
//                            = 1/sqrt(alpha_t) (x_t - beta_t / sqrt(1 - alpha_bar_t) eps_theta(x_t, t))
EQUATION(11, "the mean of the reverse process from the predicted noise, in two forms",
         "Bayes' rule at x_0_hat, for both forms and all t; with and without the clip") {
  Worst worst;
  const Tables c(paper_betas());
  const Schedule s(paper_betas());
  for (int t = 1; t <= c.T; ++t) {
    const double x = some_number(t), noise = some_number(t, 1);
    const double x_0 = (x - std::sqrt(c.noise[t]) * noise) / std::sqrt(c.bar[t]);
    const double want = posterior(c, t, x_0, x).mean;
    const double clipped = posterior(c, t, std::fmin(std::fmax(x_0, -1), 1), x).mean;  // Departure 2
    const double tolerance = 1e-13 / std::sqrt(c.bar[t]);  // rounding of x_0_hat, up to 157 times larger
    const Tensor x_t = number(x), eps = number(noise);
    const Tensor first = posterior_mean(s, t, predict_x0(s, t, x_t, eps), x_t);
    worst.near(value(reverse_mean(s, t, x_t, eps)), want, tolerance, "second form, t = ", t);
    worst.near(value(first), want, tolerance, "first form, t = ", t);
    worst.near(value(posterior_mean(s, t, clipped_x0(s, t, x_t, eps), x_t)), clipped, tolerance,
               "first form with the clip, t = ", t);
  }
  return worst;
}

// Eq. (15):  x_0 ~ x_0_hat = (x_t - sqrt(1 - alpha_bar_t) eps_theta(x_t)) / sqrt(alpha_bar_t)
EQUATION(15, "the estimate of x_0 from x_t and the noise", "Eq. (4) inverted, for all t") {
  Worst worst;
  const Tables c(paper_betas());
  const Schedule s(paper_betas());
  for (int t = 1; t <= c.T; ++t) {
    const double x_0 = some_number(t), eps = some_number(t, 1);
    const double x_t = std::sqrt(c.bar[t]) * x_0 + std::sqrt(c.noise[t]) * eps;
    const double tolerance = 1e-13 / std::sqrt(c.bar[t]);  // rounding, up to 157 times larger
    worst.near(value(predict_x0(s, t, number(x_t), number(eps))), x_0, tolerance, "t = ", t);
  }
  return worst;
}

}  // namespace ddpm::test::equations
