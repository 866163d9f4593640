// Eq. (6), (7), (11), (15): the forward posterior, and the reverse process's
// mean that is made of it.
#include "ddpm/posterior.h"

#include "ddpm/reverse.h"
#include "tests/equations/number.h"
#include "tests/equations/registry.h"

namespace ddpm::test::equations {

namespace {

// A likely x_t for this x_0.
double likely(const Tables& c, int t, double x_0) {
  return std::sqrt(c.bar[t]) * x_0 + 0.8 * std::sqrt(c.noise[t]);
}

}  // namespace

// Eq. (6):  q(x_{t−1} | x_t, x_0) = N(x_{t−1}; μ̃_t(x_t, x_0), β̃_t I)
EQUATION(6, "the forward posterior is a Gaussian", "the density of Bayes' rule, normalized on a grid") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    const Tables c(betas);
    const Schedule s(betas);
    for (int t : some_times()) {
      if (t == 1 || t > c.T) continue;
      const double x_0 = some_number(t), x_t = likely(c, t, x_0), root = std::sqrt(c.alpha[t]);
      const Normal prior = noised(c, t - 1, x_0), law = posterior(c, t, x_0, x_t);
      // log q(x_{t−1} | x_0) q(x_t | x_{t−1}); its integral is q(x_t | x_0).
      const auto product = [&](double x) {
        return log_bell(x, prior.mean, prior.variance) + log_bell(x_t, root * x, c.beta[t]);
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

// Eq. (7):  μ̃_t(x_t, x_0) = √ᾱ_{t−1} β_t / (1 − ᾱ_t) x_0 + √α_t (1 − ᾱ_{t−1}) / (1 − ᾱ_t) x_t,
//           β̃_t = (1 − ᾱ_{t−1}) / (1 − ᾱ_t) β_t
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
    // The grid is centred within 0.6 of x; its moments err by 1e-13 of that.
    worst.near(mean, want.mean, 1e-11, "mean on a grid, t = ", t);
    const double tolerance = 1e-11 * c.beta[t] + 1e-16;  // a difference of second moments
    worst.near(posterior_variance(s, t), want.variance, tolerance, "variance on a grid, t = ", t);
  }
}

}  // namespace

EQUATION(7, "the forward posterior's mean and variance",
         "Bayes' rule on a grid, and by precisions for all t") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    by_precisions(Tables(betas), Schedule(betas), worst);
    on_a_grid(Tables(betas), Schedule(betas), worst);
  }
  return worst;
}

// Eq. (11):  μ_θ(x_t, t) = μ̃_t(x_t, (x_t − √(1 − ᾱ_t) ε_θ(x_t, t)) / √ᾱ_t)
//                        = 1/√α_t (x_t − β_t / √(1 − ᾱ_t) ε_θ(x_t, t))
EQUATION(11, "the reverse mean from the predicted noise, in two forms",
         "both forms against Bayes' rule at x_0 hat, for all t; with and without the clip") {
  Worst worst;
  const Tables c(paper_betas());
  const Schedule s(paper_betas());
  for (int t = 1; t <= c.T; ++t) {
    const double x = some_number(t), noise = some_number(t, 1);
    const double x_0 = (x - std::sqrt(c.noise[t]) * noise) / std::sqrt(c.bar[t]);
    const double want = posterior(c, t, x_0, x).mean;
    const double clipped = posterior(c, t, std::fmin(std::fmax(x_0, -1), 1), x).mean;  // Departure 2
    const double tolerance = 1e-13 / std::sqrt(c.bar[t]);  // rounding of x_0 hat, up to 157 times larger
    const Tensor x_t = number(x), eps = number(noise);
    const Tensor first = posterior_mean(s, t, predict_x0(s, t, x_t, eps), x_t);
    worst.near(value(reverse_mean(s, t, x_t, eps)), want, tolerance, "second form, t = ", t);
    worst.near(value(first), want, tolerance, "first form, t = ", t);
    worst.near(value(posterior_mean(s, t, clipped_x0(s, t, x_t, eps), x_t)), clipped, tolerance,
               "first form with the clip, t = ", t);
  }
  return worst;
}

// Eq. (15):  x_0 ≈ x̂_0 = (x_t − √(1 − ᾱ_t) ε_θ(x_t)) / √ᾱ_t
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
