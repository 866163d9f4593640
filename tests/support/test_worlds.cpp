// tests/support/worlds.h against numerical differentiation and integration. Other tests compare Algorithms 1
// and 2 with its formulas, so the formulas need a check of their own.
#include <doctest/doctest.h>

#include <cmath>

#include "tensor/random.h"
#include "tests/support/near.h"
#include "tests/support/statistics.h"
#include "tests/support/worlds.h"

namespace ddpm::test {

namespace {

const World three_points = finite_set(2, {Point{0.8, 0.1}, Point{-0.3, 0.9}, Point{-0.2, -0.7}});
const Schedule schedule = make_schedule({.T = 20, .beta_1 = 0.01, .beta_T = 0.3});

Point moved_by(Point x, int i, double by) { return x[i] += by, x; }

// Returns q(x_t | x_0) by Eq. (4).
double forward_density(int t, int D, const Point& x_0, const Point& x_t) {
  const double a = schedule.alpha_bar[t];
  double log_density = 0;
  for (int i = 0; i < D; ++i) log_density += normal_log_density(x_t[i], std::sqrt(a) * x_0[i], 1 - a);
  return std::exp(log_density);
}

}  // namespace

TEST_CASE("worlds: a density has mass 1, and its score is the derivative of its logarithm") {
  for (const World& data : {gaussian(-0.5, 0.01), oblong, lopsided, tilted, three_points})
    for (int t : {1, 5, 20}) {
      const World q = noised(data, schedule, t);
      CHECK(near(expectation(q, [](const Point&) { return 1.0; }), 1, 1e-12));  // rounding of the sum
      for (const Point& x : {Point{0.1, -0.2}, Point{-0.9, 0.8}, Point{1.5, 1.5}})
        for (int i = 0; i < data.D; ++i) {
          // A central difference with h = 1e-5 has an error of h^2 times the third derivative (up to 1e4
          // here), and 1e-16/h from rounding.
          const double rise = q.log_density(moved_by(x, i, 1e-5)) - q.log_density(moved_by(x, i, -1e-5));
          CHECK(near(q.score(x)[i], rise / 2e-5, 1e-6, 1e-6));
          const double eps = exact_noise(data, schedule, t, x)[i];
          CHECK(near(eps, -std::sqrt(1 - schedule.alpha_bar[t]) * rise / 2e-5, 1e-6, 1e-6));
        }
    }
  CHECK_THROWS_AS(exact_noise(lopsided, schedule, 0, {}), std::logic_error);
}

TEST_CASE("worlds: q(x_t) is the integral of q(x_0) q(x_t|x_0), and q(x_0|x_t) is Bayes' rule") {
  for (const World& data : {gaussian(0.3, 0.25), oblong, lopsided, tilted})
    for (int t : {5, 20})
      for (const Point& x_t : {Point{0.1, -0.2}, Point{-0.9, 0.8}}) {
        const auto sum = [&](const std::function<double(const Point&)>& f) {
          return expectation(data,
                             [&](const Point& x_0) { return forward_density(t, data.D, x_0, x_t) * f(x_0); });
        };
        const double mass = sum([](const Point&) { return 1.0; });
        CHECK(near(std::log(mass), noised(data, schedule, t).log_density(x_t), 1e-10));
        const Posterior got = posterior(data, schedule, t, x_t);
        for (int i = 0; i < data.D; ++i) {
          const double mean = sum([i](const Point& x) { return x[i]; }) / mass;
          const double square = sum([i](const Point& x) { return x[i] * x[i]; }) / mass;
          CHECK(near(got.mean[i], mean, 1e-10));
          CHECK(near(got.variance[i], square - mean * mean, 1e-10));
        }
      }
}

TEST_CASE("worlds: the posterior of a finite set is Bayes' rule for its points") {
  for (int t : {1, 5, 20}) {
    const Point x_t{0.1, 0.3};
    double mass = 0;
    Point mean{}, square{};
    for (const Component& c : three_points.components) {
      const double p = forward_density(t, 2, c.mean, x_t);
      mass += p;
      for (int i = 0; i < 2; ++i) mean[i] += p * c.mean[i], square[i] += p * c.mean[i] * c.mean[i];
    }
    const Posterior got = posterior(three_points, schedule, t, x_t);
    for (int i = 0; i < 2; ++i) {
      CHECK(near(got.mean[i], mean[i] / mass, 1e-12));  // both are sums of three terms
      CHECK(near(got.variance[i], square[i] / mass - std::pow(mean[i] / mass, 2), 1e-12));
    }
  }
}

TEST_CASE("worlds: eps* and E[x_0|x_t] satisfy Eq. (15)") {
  for (const World& data : {gaussian(0.3, 0.25), oblong, lopsided, tilted, three_points})
    for (int t = 1; t <= schedule.T; ++t) {
      const Point x_t{0.4, -0.3}, eps = exact_noise(data, schedule, t, x_t);
      const double a = schedule.alpha_bar[t];
      const Point x_0 = posterior(data, schedule, t, x_t).mean;
      for (int i = 0; i < data.D; ++i)
        CHECK(near(std::sqrt(a) * x_0[i] + std::sqrt(1 - a) * eps[i], x_t[i], 1e-13));
    }
}

TEST_CASE("worlds: the noise predictor is eps* of each point, and each image has its own t") {
  for (const World& data : {lopsided, oblong, tilted}) {
    const Tensor x = draw(gaussian(0, 1), {3, 2, 4}, {1, purpose_test, 0, 0});
    const std::vector<int> t = {20, 1, 7};
    Tape tape;
    const Tensor eps = exact_noise(data, schedule)(tape, x, t);
    REQUIRE(eps.shape() == x.shape());
    for (int k = 0; k < 24; k += data.D) {
      const real* at = x.data() + k;
      const Point want = exact_noise(data, schedule, t[k / 8], {at[0], data.D == 2 ? at[1] : 0});
      for (int i = 0; i < data.D; ++i) CHECK(near(eps.data()[k + i], want[i], 0, 1e-6));  // float's digits
    }
  }
}

TEST_CASE("worlds: the distribution function is the integral of the density") {
  for (double x : {-1.0, -0.3, 0.2, 0.55}) {
    const double h = 1e-4, density = std::exp(lopsided.log_density({x, 0}));
    CHECK(near((lopsided.cdf(x + h) - lopsided.cdf(x - h)) / (2 * h), density, 1e-5));  // h^2 times 1e3
  }
  CHECK(near(lopsided.cdf(-9), 0, 1e-12));
  CHECK(near(lopsided.cdf(9), 1, 1e-12));
}

TEST_CASE("worlds: draws follow the density") {
  const Tensor x = draw(lopsided, {4, 5000}, {1, purpose_test, 1, 0});
  CHECK(kolmogorov(x.values(), [](double at) { return lopsided.cdf(at); }) < kolmogorov_level_0_001);

  // In two dimensions: means and second moments, within 4 standard errors (two-sided level 6e-5 each).
  const int n = 20000;
  const Tensor y = draw(tilted, {n, 2}, {1, purpose_test, 2, 0});
  const std::function<double(const Point&)> statistics[] = {
      [](const Point& p) { return p[0]; }, [](const Point& p) { return p[1]; },
      [](const Point& p) { return p[0] * p[0]; }, [](const Point& p) { return p[0] * p[1]; },
      [](const Point& p) { return p[1] * p[1]; }};
  for (const auto& f : statistics) {
    double sum = 0;
    for (int k = 0; k < n; ++k) sum += f({y.data()[2 * k], y.data()[2 * k + 1]}) / n;
    const double mean = expectation(tilted, f);
    const double square = expectation(tilted, [&](const Point& p) { return f(p) * f(p); });
    CHECK(near(sum, mean, 4 * std::sqrt((square - mean * mean) / n)));
  }

  // Each draw from a finite set is one of its points, and all points are equally frequent.
  const Tensor z = draw(three_points, {3000, 2}, {1, purpose_test, 3, 0});
  std::vector<int> count(3);
  for (int k = 0; k < 3000; ++k)
    for (int c = 0; c < 3; ++c) count[c] += z.data()[2 * k] == real(three_points.components[c].mean[0]);
  CHECK(count[0] + count[1] + count[2] == 3000);
  CHECK(chi_square(count, 1000) < 13.82);  // 2 degrees of freedom, level 0.1 %
}

TEST_CASE("worlds: the minimum of the loss from E[eps*^2] equals that from the variance of x_0 given x_t") {
  for (int t : {1, 5, 20}) {
    const double a = schedule.alpha_bar[t];
    const auto of_gaussian = [a](double variance) { return variance * a / (variance * a + 1 - a); };
    CHECK(near(minimum_loss(gaussian(0.3, 0.25), schedule, t), of_gaussian(0.25), 1e-11));
    CHECK(near(minimum_loss(oblong, schedule, t), (of_gaussian(0.25) + of_gaussian(0.04)) / 2, 1e-11));
    for (const World& data : {lopsided, tilted, three_points}) {
      // eps = (x_t - sqrt(alpha_bar_t) x_0) / sqrt(1 - alpha_bar_t): given x_t, only x_0 is uncertain.
      const double uncertain = expectation(noised(data, schedule, t), [&](const Point& x) {
        const Point v = posterior(data, schedule, t, x).variance;
        return (data.D == 2 ? (v[0] + v[1]) / 2 : v[0]) * a / (1 - a);
      });
      CHECK(near(minimum_loss(data, schedule, t), uncertain, 1e-10));
    }
  }
}

}  // namespace ddpm::test
