// Algorithm 2 with eps* on worlds (tests/support/worlds.h), where the exact distribution of its samples is
// known: in closed form for normal data, on a grid for a mixture. That distribution is not quite the data's,
// because T is finite and z = 0 at t = 1; the gap is reported. Seeds are fixed; with a fresh
// seed, a test would fail with the probability that its level states. The code: ddpm/sample.cpp.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/sample.h"
#include "tests/support/law.h"
#include "tests/support/near.h"
#include "tests/support/statistics.h"
#include "tests/support/worlds.h"

namespace ddpm::test {

namespace {

const ReverseConfig as_printed[] = {{Variance::beta, Clip::off}, {Variance::posterior, Clip::off}};

// Returns the mean of line 4, computed here from the schedule alone.
double line_4_mean(const World& data, const Schedule& s, int t, double x) {
  const double eps = exact_noise(data, s, t, {x, 0})[0];
  return (x - s.beta[t] / std::sqrt(1 - s.alpha_bar[t]) * eps) / std::sqrt(1 - s.beta[t]);
}

// Returns sigma_t^2 of Section 3.2, computed here from the schedule alone.
double sigma_squared(const Schedule& s, int t, Variance choice) {
  if (choice == Variance::beta) return s.beta[t];
  return (1 - s.alpha_bar[t - 1]) / (1 - s.alpha_bar[t]) * s.beta[t];
}

// Returns the distribution of the samples for normal data: line 4 is then affine in x_t, so x_0 is normal.
Normal normal_law(const World& data, const Schedule& s, const std::function<double(int)>& sigma_2) {
  Normal law{0, 1};
  for (int t = s.T; t >= 1; --t) {
    const double offset = line_4_mean(data, s, t, 0), slope = line_4_mean(data, s, t, 1) - offset;
    law.mean = offset + slope * law.mean;
    law.variance = slope * slope * law.variance + (t > 1 ? sigma_2(t) : 0);
  }
  return law;
}

// Returns the distribution of the samples for a mixture: computes the densities of x_T, ..., x_1 on a grid,
// and maps x_1 to x_0 by line 4 with z = 0.
Distribution mixture_law(const World& data, const Schedule& s, Variance choice) {
  Law law = law_of(-7, 7, 0.02, [](double x) { return std::exp(normal_log_density(x, 0, 1)); });
  for (int t = s.T; t > 1; --t)
    law = moved(
        law, [&](double x) { return line_4_mean(data, s, t, x); }, std::sqrt(sigma_squared(s, t, choice)));
  return distribution(law, [&](double x) { return line_4_mean(data, s, 1, x); });
}

std::function<double(double)> cdf_of(Normal n) {
  return [n](double x) { return normal_cdf(x, n.mean, n.variance); };
}

// 50 steps, and 200 steps that end with about as much noise: sqrt(alpha_bar_T) = 0.013 and 0.012.
const Schedule coarse = make_schedule({.T = 50, .beta_1 = 0.01, .beta_T = 0.3});
const Schedule fine = make_schedule({.T = 200, .beta_1 = 0.0025, .beta_T = 0.083});

std::string name(Variance choice) { return choice == Variance::beta ? "beta" : "beta tilde"; }

}  // namespace

TEST_CASE(
    "Algorithm 2 on worlds: known variances of the samples of normal data, for three choices of sigma_t") {
  struct Row {
    double mean, variance;          // of the data
    double beta, posterior, exact;  // of what Algorithm 2 returns, to seven digits
  };
  const Schedule s = make_schedule({});
  for (const Row& row :
       {Row{-0.5, 0.01, 0.0101537, 0.0092759, 0.0099010}, Row{0, 0.25, 0.2507521, 0.2461252, 0.2499000},
        Row{0, 1, 0.9999000, 0.9910674, 0.9999000}}) {
    const World data = gaussian(row.mean, row.variance);
    const auto law = [&](const std::function<double(int)>& sigma_2) { return normal_law(data, s, sigma_2); };
    const Normal beta = law([&](int t) { return sigma_squared(s, t, Variance::beta); });
    const Normal posterior = law([&](int t) { return sigma_squared(s, t, Variance::posterior); });
    const Normal exact = law([&](int t) { return reverse_variance(data, s, t); });
    CHECK(near(beta.variance, row.beta, 6e-8));  // the table's last digit
    CHECK(near(posterior.variance, row.posterior, 6e-8));
    CHECK(near(exact.variance, row.exact, 6e-8));
    // x_T has mean 0 instead of sqrt(alpha_bar_T) times the data's: at most 0.4 % of that is missing.
    for (const Normal& m : {beta, posterior, exact}) CHECK(near(m.mean, row.mean, 0.004 * 0.5));
    MESSAGE("data N(", row.mean, ", ", row.variance, "): Algorithm 2 ends with variance ", beta.variance,
            " (beta), ", posterior.variance, " (beta tilde), ", exact.variance, " (exact)");
  }
}

TEST_CASE("Algorithm 2 on worlds: samples of normal data follow the exact distribution") {
  const Schedule s = make_schedule({});
  for (const World& data : {gaussian(-0.5, 0.01), gaussian(0, 1)})
    for (const ReverseConfig& config : as_printed) {
      const auto sigma_2 = [&](int t) { return sigma_squared(s, t, config.variance); };
      const Normal law = normal_law(data, s, sigma_2);
      const int n = 4000;
      const std::vector<real> x = sample(exact_noise(data, s), {n / 4}, s, config, 1, 0, 4).values();
      // 4 standard errors (two-sided level 6e-5), and Kolmogorov's test at level 0.1 %.
      CHECK(near(fitted_normal(x).mean, law.mean, 4 * std::sqrt(law.variance / n)));
      CHECK(near(fitted_normal(x).variance, law.variance, 4 * law.variance * std::sqrt(2.0 / n)));
      CHECK(kolmogorov(x, cdf_of(law)) < kolmogorov_level_0_001);
    }
}

TEST_CASE(
    "Algorithm 2 on worlds: in two dimensions, each coordinate of normal data follows its own distribution") {
  const Point mean{-0.5, 0.3}, variance{0.01, 1};
  const World data = gaussian(mean, variance);
  const int n = 4000;
  for (const ReverseConfig& config : as_printed) {
    const Tensor x = sample(exact_noise(data, coarse), {2}, coarse, config, 4, 0, n);
    std::vector<real> coordinates[2];
    for (int k = 0; k < 2 * n; ++k) coordinates[k % 2].push_back(x.data()[k]);
    const auto sigma_2 = [&](int t) { return sigma_squared(coarse, t, config.variance); };
    for (int i : {0, 1}) {
      const Normal law = normal_law(gaussian(mean[i], variance[i]), coarse, sigma_2);
      const Normal got = fitted_normal(coordinates[i]);
      CHECK(near(got.mean, law.mean, 4 * std::sqrt(law.variance / n)));  // level 6e-5
      CHECK(near(got.variance, law.variance, 4 * law.variance * std::sqrt(2.0 / n)));
      CHECK(kolmogorov(coordinates[i], cdf_of(law)) < kolmogorov_level_0_001);
    }
    CHECK(near(correlation(coordinates[0], coordinates[1]), 0, 4 / std::sqrt(n)));
  }
}

TEST_CASE(
    "Algorithm 2 on worlds: samples of a mixture follow the distribution on a grid, which nears the data's") {
  const auto data = [](double x) { return lopsided.cdf(x); };
  for (const ReverseConfig& config : as_printed) {
    const Distribution law = mixture_law(lopsided, coarse, config.variance);
    CHECK(near(law.probability.back(), 1, 1e-10));  // the grid is wide enough
    const std::vector<real> x =
        sample(exact_noise(lopsided, coarse), {5000}, coarse, config, 1, 0, 4).values();
    CHECK(kolmogorov(x, law) < kolmogorov_level_0_001);
    // The distance to the data's distribution shrinks from 50 steps to 200.
    const double gap = distance(law, data);
    const double finer = distance(mixture_law(lopsided, fine, config.variance), data);
    CHECK(gap > 0.01);
    CHECK(finer < gap / 2);
    MESSAGE("a mixture by Algorithm 2, sigma_t^2 = ", name(config.variance), ": largest |F - F_data| is ",
            gap, " after 50 steps, ", finer, " after 200");
  }
}

TEST_CASE("Algorithm 2 on worlds: independent coordinates of a mixture follow their own distributions") {
  World product{2, {}};
  for (const Component& a : lopsided.components)
    for (const Component& b : lopsided.components)
      product.components.push_back(
          {a.weight * b.weight, {a.mean[0], -b.mean[0]}, {a.variance[0], b.variance[0]}});
  const int n = 4000;
  const Distribution law = mixture_law(lopsided, coarse, Variance::beta);
  const Tensor x = sample(exact_noise(product, coarse), {2}, coarse, as_printed[0], 2, 0, n);
  std::vector<real> first, second;
  for (int k = 0; k < n; ++k) first.push_back(x.data()[2 * k]), second.push_back(-x.data()[2 * k + 1]);
  CHECK(kolmogorov(first, law) < kolmogorov_level_0_001);
  CHECK(kolmogorov(second, law) < kolmogorov_level_0_001);
  CHECK(near(correlation(first, second), 0, 4 / std::sqrt(n)));  // level 6e-5
}

TEST_CASE("Algorithm 2 on worlds: with eps* of a finite set, every sample is one of its points") {
  // Two points and their mirror images: by symmetry, all four are equally probable.
  const World data = finite_set(2, {Point{0.8, 0.6}, Point{-0.8, -0.6}, Point{-0.6, 0.8}, Point{0.6, -0.8}});
  const int n = 2000;
  for (const ReverseConfig& config : as_printed) {
    const Tensor x = sample(exact_noise(data, fine), {2}, fine, config, 3, 0, n);
    int strangers = 0;
    std::vector<int> count(4);
    for (int k = 0; k < n; ++k) {
      int nearest = -1;
      for (int c = 0; c < 4; ++c) {
        const Point& p = data.components[c].mean;
        // At t = 1 line 4 returns E[x_0 | x_1], the mean of the points with the weights
        // exp(-distance^2 / 0.005). The points are 1.4 apart, so one point has all the weight.
        if (std::hypot(x.data()[2 * k] - p[0], x.data()[2 * k + 1] - p[1]) < 1e-4) nearest = c;
      }
      nearest < 0 ? ++strangers : ++count[nearest];
    }
    CHECK(strangers == 0);
    CHECK(chi_square(count, n / 4.0) < 16.27);  // 3 degrees of freedom, level 0.1 %
  }
}

}  // namespace ddpm::test
