// Textbook formulas to compare with: see oracles.h.
#include "tests/equations/oracles.h"

#include <cmath>

#include "kernels/kernels.h"

namespace ddpm::test::equations {

Tables::Tables(const std::vector<double>& betas) : T(int(betas.size())) {
  beta = {0}, alpha = {1}, bar = {1}, noise = {0};
  double log_bar = 0;
  for (double b : betas) {
    log_bar += std::log1p(-b);
    beta.push_back(b), alpha.push_back(1 - b);
    bar.push_back(std::exp(log_bar)), noise.push_back(-std::expm1(log_bar));
  }
}

std::vector<double> paper_betas() {
  std::vector<double> betas;
  for (int t = 1; t <= 1000; ++t) betas.push_back(1e-4 + (0.02 - 1e-4) * (t - 1) / 999);
  return betas;
}

std::vector<double> short_betas() { return {0.05, 0.3, 0.1, 0.25, 0.4, 0.6}; }

const std::vector<int>& some_times() {
  static const std::vector<int> times{1, 2, 3, 10, 50, 200, 500, 999, 1000};
  return times;
}

double kl(Normal q, Normal p) {
  const double shift = q.mean - p.mean, ratio = q.variance / p.variance;
  return 0.5 * (shift * shift / p.variance + ratio - 1 - std::log(ratio));
}

double kl_on_grid(Normal q, Normal p) {
  const double reach = 12 * std::sqrt(q.variance), step = reach / 200;
  double sum = 0;
  for (int i = -200; i <= 200; ++i) {
    const double x = q.mean + i * step, log_q = normal_log_density(x, q.mean, q.variance);
    sum += std::exp(log_q) * (log_q - normal_log_density(x, p.mean, p.variance)) * step;
  }
  return sum;
}

Normal bayes(Normal prior, double slope, double variance, double y) {
  if (prior.variance == 0) return prior;
  const double precision = 1 / prior.variance + slope * slope / variance;
  return {(prior.mean / prior.variance + slope * y / variance) / precision, 1 / precision};
}

Normal bayes_on_grid(Normal prior, double slope, double variance, double y) {
  // The grid covers 14 standard deviations of the likelihood around y / slope.
  const double reach = 14 * std::sqrt(variance) / slope;
  const double scale = normal_log_density(y, slope * prior.mean, slope * slope * prior.variance + variance);
  const auto log_product = [&](double x) {
    return normal_log_density(x, prior.mean, prior.variance) + normal_log_density(y, slope * x, variance) -
           scale;
  };
  const Summed sum = sum_density(log_product, y / slope - reach, y / slope + reach, 1000);
  return {sum.mean, sum.variance};
}

Normal noised(const Tables& c, int t, double x_0) { return {std::sqrt(c.bar[t]) * x_0, c.noise[t]}; }

Normal posterior(const Tables& c, int t, double x_0, double x_t) {
  return bayes(noised(c, t - 1, x_0), std::sqrt(c.alpha[t]), c.beta[t], x_t);
}

Summed sum_density(const std::function<double(double)>& log_density, double low, double high, int n) {
  const double step = (high - low) / n, centre = 0.5 * (low + high);
  double mass = 0, first = 0, second = 0;
  for (int i = 0; i <= n; ++i) {
    const double from_centre = low + i * step - centre;
    const double p = std::exp(log_density(centre + from_centre)) * step;
    mass += p, first += p * from_centre, second += p * from_centre * from_centre;
  }
  const double mean = first / mass;
  return {mass, centre + mean, second / mass - mean * mean};
}

double expectation(int n, const std::function<double(const std::vector<double>& z)>& f) {
  // For a polynomial of degree 2:  E[f] = f(0) + 1/2 sum_i d^2 f / dz_i^2,
  //                                d^2 f / dz_i^2 = f(e_i) + f(-e_i) - 2 f(0).
  std::vector<double> z(n, 0.0);
  const double at_zero = f(z);
  double sum = at_zero;
  for (double& coordinate : z) {
    coordinate = 1;
    const double above = f(z);
    coordinate = -1;
    sum += 0.5 * (above + f(z)) - at_zero;
    coordinate = 0;
  }
  return sum;
}

double some_number(int name, int which) {
  const uint32_t counter[4] = {uint32_t(name), uint32_t(which), 0, 0};
  const uint32_t key[2] = {20200619, 0};
  uint32_t words[4];
  kernels::philox4x32(counter, key, words);
  return (words[0] + 0.5) * 0x1p-30 - 2;
}

}  // namespace ddpm::test::equations
