// Algorithm 2 with the exact ε*, on worlds where the law of what it returns is
// known: in closed form for a Gaussian, on a grid for a mixture. The law is the
// chain's, not the data's: T is finite and z = 0 at t = 1. The gap is reported.
// All samples have fixed seeds; the tests' levels are those of a fresh seed.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "ddpm/sample.h"
#include "tests/support/law.h"
#include "tests/support/near.h"
#include "tests/support/worlds.h"

namespace ddpm::test {

namespace {

const ReverseConfig as_printed[] = {{Variance::beta, Clip::off}, {Variance::posterior, Clip::off}};

// Algorithm 2, line 4, without its noise, from the schedule's tables alone.
double line_4_mean(const World& data, const Schedule& s, int t, double x) {
  const double eps = exact_noise(data, s, t, {x, 0})[0];
  return (x - s.beta[t] / std::sqrt(1 - s.alpha_bar[t]) * eps) / std::sqrt(1 - s.beta[t]);
}

// σ_t² by its formula, Section 3.2.
double sigma_squared(const Schedule& s, int t, Variance choice) {
  if (choice == Variance::beta) return s.beta[t];
  return (1 - s.alpha_bar[t - 1]) / (1 - s.alpha_bar[t]) * s.beta[t];
}

// For Gaussian data line 4 is affine in x_t, so that x_0 is Gaussian. Its moments.
Moments gaussian_law(const World& data, const Schedule& s, const std::function<double(int)>& sigma_2) {
  Moments law{0, 1};
  for (int t = s.T; t >= 1; --t) {
    const double offset = line_4_mean(data, s, t, 0), slope = line_4_mean(data, s, t, 1) - offset;
    law.mean = offset + slope * law.mean;
    law.variance = slope * slope * law.variance + (t > 1 ? sigma_2(t) : 0);
  }
  return law;
}

// For a mixture: the density of x_T, …, x_1 on a grid, then x_1's through line 4 with z = 0.
Distribution mixture_law(const World& data, const Schedule& s, Variance choice) {
  Law law = law_of(-7, 7, 0.02, [](double x) { return std::exp(gaussian(0, 1).log_density({x, 0})); });
  for (int t = s.T; t > 1; --t)
    law = moved(
        law, [&](double x) { return line_4_mean(data, s, t, x); }, std::sqrt(sigma_squared(s, t, choice)));
  return distribution(law, [&](double x) { return line_4_mean(data, s, 1, x); });
}

std::function<double(double)> normal_distribution(Moments m) {
  return [m](double x) { return 0.5 * std::erfc(-(x - m.mean) / std::sqrt(2 * m.variance)); };
}

// The largest |F − G| on a grid.
double distance(const std::function<double(double)>& F, const std::function<double(double)>& G) {
  double largest = 0;
  for (double x = -4; x < 4; x += 0.005) largest = std::max(largest, std::fabs(F(x) - G(x)));
  return largest;
}

// A mixture's own distribution function.
double data_distribution(const World& world, double x) {
  double sum = 0;
  for (const Component& c : world.components)
    sum += c.weight * normal_distribution({c.mean[0], c.variance[0]})(x);
  return sum;
}

const World lopsided{1, {{0.3, {-0.6, 0}, {0.04, 1}}, {0.7, {0.5, 0}, {0.01, 1}}}};
// Few steps, and four times as many to about the same end: sqrt(alpha_bar_T) = 0.013 and 0.012.
const Schedule coarse = make_schedule({.T = 50, .beta_1 = 0.01, .beta_T = 0.3});
const Schedule fine = make_schedule({.T = 200, .beta_1 = 0.0025, .beta_T = 0.083});

double correlation(const std::vector<real>& x, const std::vector<real>& y) {
  const Moments a = moments(x), b = moments(y);
  double covariance = 0;
  for (size_t k = 0; k < x.size(); ++k) covariance += (x[k] - a.mean) * (y[k] - b.mean) / x.size();
  return covariance / std::sqrt(a.variance * b.variance);
}

std::string name(Variance choice) { return choice == Variance::beta ? "beta" : "beta tilde"; }

}  // namespace

TEST_CASE("Algorithm 2 on Gaussian data: its law in closed form, for three choices of sigma_t") {
  struct Row {
    double mean, variance;          // of the data
    double beta, posterior, exact;  // of what Algorithm 2 returns, to seven digits
  };
  const Schedule s = make_schedule({});
  for (const Row& row :
       {Row{-0.5, 0.01, 0.0101537, 0.0092759, 0.0099010}, Row{0, 0.25, 0.2507521, 0.2461252, 0.2499000},
        Row{0, 1, 0.9999000, 0.9910674, 0.9999000}}) {
    const World data = gaussian(row.mean, row.variance);
    const auto law = [&](const std::function<double(int)>& sigma_2) {
      return gaussian_law(data, s, sigma_2);
    };
    const Moments beta = law([&](int t) { return sigma_squared(s, t, Variance::beta); });
    const Moments posterior = law([&](int t) { return sigma_squared(s, t, Variance::posterior); });
    const Moments exact = law([&](int t) { return reverse_variance(data, s, t); });
    CHECK(near(beta.variance, row.beta, 6e-8));  // the table's last digit
    CHECK(near(posterior.variance, row.posterior, 6e-8));
    CHECK(near(exact.variance, row.exact, 6e-8));
    // x_T starts at mean 0, not sqrt(alpha_bar_T) times the data's: 0.3 % of it at most is left.
    for (const Moments& m : {beta, posterior, exact}) CHECK(near(m.mean, row.mean, 0.004 * 0.5));
    MESSAGE("data N(", row.mean, ", ", row.variance, "): Algorithm 2 ends with variance ", beta.variance,
            " (beta), ", posterior.variance, " (beta tilde), ", exact.variance, " (exact)");
  }
}

TEST_CASE("Algorithm 2 on Gaussian data: sample() follows that law") {
  const Schedule s = make_schedule({});
  for (const World& data : {gaussian(-0.5, 0.01), gaussian(0, 1)})
    for (const ReverseConfig& config : as_printed) {
      const auto sigma_2 = [&](int t) { return sigma_squared(s, t, config.variance); };
      const Moments law = gaussian_law(data, s, sigma_2);
      const int n = 4000;
      const std::vector<real> x = sample(exact_noise(data, s), {n / 4}, s, config, 1, 0, 4).values();
      // Within 4 standard errors (two-sided level 6e-5), and Kolmogorov's test at 0.1 %.
      CHECK(near(moments(x).mean, law.mean, 4 * std::sqrt(law.variance / n)));
      CHECK(near(moments(x).variance, law.variance, 4 * law.variance * std::sqrt(2.0 / n)));
      CHECK(kolmogorov(x, normal_distribution(law)) < kolmogorov_level_0_001);
    }
}

TEST_CASE(
    "Algorithm 2 on a Gaussian in two dimensions: each coordinate follows its own law, both their own way") {
  const Point mean{-0.5, 0.3}, variance{0.01, 1};
  const World data = gaussian(mean, variance);
  const int n = 4000;
  for (const ReverseConfig& config : as_printed) {
    const Tensor x = sample(exact_noise(data, coarse), {2}, coarse, config, 4, 0, n);
    std::vector<real> coordinates[2];
    for (int k = 0; k < 2 * n; ++k) coordinates[k % 2].push_back(x.data()[k]);
    const auto sigma_2 = [&](int t) { return sigma_squared(coarse, t, config.variance); };
    for (int i : {0, 1}) {
      const Moments law = gaussian_law(gaussian(mean[i], variance[i]), coarse, sigma_2);
      const Moments got = moments(coordinates[i]);
      CHECK(near(got.mean, law.mean, 4 * std::sqrt(law.variance / n)));  // level 6e-5
      CHECK(near(got.variance, law.variance, 4 * law.variance * std::sqrt(2.0 / n)));
      CHECK(kolmogorov(coordinates[i], normal_distribution(law)) < kolmogorov_level_0_001);
    }
    CHECK(near(correlation(coordinates[0], coordinates[1]), 0, 4 / std::sqrt(n)));
  }
}

TEST_CASE("Algorithm 2 on a mixture: sample() follows the transition kernel's law on a grid") {
  const auto data = [](double x) { return data_distribution(lopsided, x); };
  for (const ReverseConfig& config : as_printed) {
    const Distribution law = mixture_law(lopsided, coarse, config.variance);
    CHECK(near(law.probability.back(), 1, 1e-10));  // nothing is lost at the grid's ends
    const std::vector<real> x =
        sample(exact_noise(lopsided, coarse), {5000}, coarse, config, 1, 0, 4).values();
    CHECK(kolmogorov(x, law) < kolmogorov_level_0_001);
    // The gap to the data: 50 steps have a law of their own, and 200 come closer.
    const double gap = distance(law, data);
    const double finer = distance(mixture_law(lopsided, fine, config.variance), data);
    CHECK(gap > 0.01);
    CHECK(finer < gap / 2);
    MESSAGE("a mixture by Algorithm 2, sigma_t^2 = ", name(config.variance), ": largest |F - F_data| is ",
            gap, " after 50 steps, ", finer, " after 200");
  }
}

TEST_CASE("Algorithm 2 in two dimensions: independent coordinates each follow their law") {
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

TEST_CASE("Algorithm 2 on a finite set: the best eps memorizes, every sample is a training point") {
  // A point and its mirror image, twice: as likely as one another under the chain, too.
  const World data = finite_set(2, {Point{0.8, 0.6}, Point{-0.8, -0.6}, Point{-0.6, 0.8}, Point{0.6, -0.8}});
  const int n = 2000;
  for (const ReverseConfig& config : as_printed) {
    const Tensor x = sample(exact_noise(data, fine), {2}, fine, config, 3, 0, n);
    int count[4] = {}, strangers = 0;
    for (int k = 0; k < n; ++k) {
      int nearest = -1;
      for (int c = 0; c < 4; ++c) {
        const Point& p = data.components[c].mean;
        // At t = 1 line 4 returns E[x_0 | x_1]: a mean of the points, each weighted by
        // exp(-distance² / 0.005) first. They are 1.4 apart, so one has all the weight.
        if (std::hypot(x.data()[2 * k] - p[0], x.data()[2 * k + 1] - p[1]) < 1e-4) nearest = c;
      }
      nearest < 0 ? ++strangers : ++count[nearest];
    }
    CHECK(strangers == 0);
    double chi_square = 0;
    for (int c : count) chi_square += std::pow(c - n / 4.0, 2) / (n / 4.0);
    CHECK(chi_square < 16.27);  // 3 degrees of freedom, level 0.1 %
  }
}

}  // namespace ddpm::test
