// The worlds of tests/support/worlds.h and the laws of tests/support/law.h themselves, against
// numerical differentiation and integration: they are the oracles elsewhere.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "ddpm/forward.h"
#include "tensor/random.h"
#include "tests/support/law.h"
#include "tests/support/near.h"
#include "tests/support/worlds.h"

namespace ddpm::test {

namespace {

const World lopsided{1, {{0.3, {-0.6, 0}, {0.04, 1}}, {0.7, {0.5, 0}, {0.01, 1}}}};
const World tilted{2, {{0.25, {-0.5, 0.4}, {0.09, 0.02}}, {0.75, {0.6, -0.1}, {0.04, 0.25}}}};
const World oblong = gaussian(Point{0.3, -0.4}, Point{0.25, 0.04});
const World three_points = finite_set(2, {Point{0.8, 0.1}, Point{-0.3, 0.9}, Point{-0.2, -0.7}});
const Schedule schedule = make_schedule({.T = 20, .beta_1 = 0.01, .beta_T = 0.3});

Point moved_by(Point x, int i, double by) { return x[i] += by, x; }

double bell(double x, double mean, double variance) {
  return std::exp(-(x - mean) * (x - mean) / (2 * variance)) / std::sqrt(2 * std::numbers::pi * variance);
}

// q(x_t | x_0), Eq. (4), for all coordinates together.
double forward_density(int t, int D, const Point& x_0, const Point& x_t) {
  double product = 1;
  for (int i = 0; i < D; ++i)
    product *= bell(x_t[i], std::sqrt(schedule.alpha_bar[t]) * x_0[i], 1 - schedule.alpha_bar[t]);
  return product;
}

}  // namespace

TEST_CASE("worlds: a density has mass 1, and its score is its logarithm's slope") {
  for (const World& data : {gaussian(-0.5, 0.01), oblong, lopsided, tilted, three_points})
    for (int t : {1, 5, 20}) {
      const World q = noised(data, schedule, t);
      CHECK(near(expectation(q, [](const Point&) { return 1.0; }), 1, 1e-12));  // rounding of the sum
      for (const Point& x : {Point{0.1, -0.2}, Point{-0.9, 0.8}, Point{1.5, 1.5}})
        for (int i = 0; i < data.D; ++i) {
          // Central differences with h = 1e-5: errors of h² times the third derivative
          // (up to 1e4 here), and 1e-16/h from rounding.
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

TEST_CASE("worlds: given x_t, a finite set's x_0 is the points' mean, weighted by Bayes' rule") {
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

TEST_CASE("Eq. (15): eps* and E[x_0|x_t] are one statement, x_t = sqrt(alpha_bar_t) x_0 + ... eps") {
  for (const World& data : {gaussian(0.3, 0.25), oblong, lopsided, tilted, three_points})
    for (int t = 1; t <= schedule.T; ++t) {
      const Point x_t{0.4, -0.3}, eps = exact_noise(data, schedule, t, x_t);
      const double a = schedule.alpha_bar[t];
      const Point x_0 = posterior(data, schedule, t, x_t).mean;
      for (int i = 0; i < data.D; ++i)
        CHECK(near(std::sqrt(a) * x_0[i] + std::sqrt(1 - a) * eps[i], x_t[i], 1e-13));
    }
}

TEST_CASE("worlds: the predictor answers point by point, each image with its own t") {
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

TEST_CASE("worlds: draws follow the density") {
  const Tensor x = draw(lopsided, {4, 5000}, {1, purpose_test, 1, 0});
  const Law law = law_of(-2, 2, 0.01, [](double at) { return std::exp(lopsided.log_density({at, 0})); });
  const Distribution F = distribution(law, [](double at) { return at; });
  CHECK(kolmogorov(x.values(), F) < kolmogorov_level_0_001);

  // In two dimensions the coordinates go together: means and second moments, within
  // 4 standard errors (two-sided level 6e-5 each).
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

  // Of a finite set each draw is a point, and every point comes up as often as another.
  const Tensor z = draw(three_points, {3000, 2}, {1, purpose_test, 3, 0});
  int count[3] = {};
  for (int k = 0; k < 3000; ++k)
    for (int c = 0; c < 3; ++c) count[c] += z.data()[2 * k] == real(three_points.components[c].mean[0]);
  double chi_square = 0;
  for (int c : count) chi_square += std::pow(c - 1000, 2) / 1000.0;
  CHECK(count[0] + count[1] + count[2] == 3000);
  CHECK(chi_square < 13.82);  // 2 degrees of freedom, level 0.1 %
}

TEST_CASE("worlds: the loss's floor by two roads, E[eps*^2] and the variance of x_0 given x_t") {
  for (int t : {1, 5, 20}) {
    const double a = schedule.alpha_bar[t];
    const auto of_gaussian = [a](double variance) { return variance * a / (variance * a + 1 - a); };
    CHECK(near(loss_floor(gaussian(0.3, 0.25), schedule, t), of_gaussian(0.25), 1e-11));
    CHECK(near(loss_floor(oblong, schedule, t), (of_gaussian(0.25) + of_gaussian(0.04)) / 2, 1e-11));
    for (const World& data : {lopsided, tilted, three_points}) {
      // eps = (x_t - sqrt(alpha_bar_t) x_0) / sqrt(1 - alpha_bar_t): given x_t, x_0 alone is uncertain.
      const double uncertain = expectation(noised(data, schedule, t), [&](const Point& x) {
        const Point v = posterior(data, schedule, t, x).variance;
        return (data.D == 2 ? (v[0] + v[1]) / 2 : v[0]) * a / (1 - a);
      });
      CHECK(near(loss_floor(data, schedule, t), uncertain, 1e-10));
    }
  }
}

TEST_CASE("laws: an affine step of a Gaussian, its distribution, and who fails the test") {
  const Law start = law_of(-8, 8, 0.05, [](double x) { return bell(x, 0.5, 1); });
  const Law end = moved(
      start, [](double x) { return 0.6 * x - 0.2; }, 0.4);
  for (size_t i = 0; i < end.density.size(); ++i)
    CHECK(near(end.density[i], bell(end.x(i), 0.1, 0.36 + 0.16), 1e-12));
  CHECK(near(end.expect([](double x) { return x; }), 0.1, 1e-12));
  const Distribution F = distribution(end, [](double x) { return 3 * x; });
  for (double x : {-3.0, -0.5, 0.0, 2.0})  // 0.05² times the density's slope, over 12 and over 8
    CHECK(near(F(3 * x), 0.5 * std::erfc(-(x - 0.1) / std::sqrt(2 * 0.52)), 3e-4));
  CHECK(F(-100) == 0);
  CHECK(F(100) == 1);

  CHECK(near(kolmogorov({real(0.5), real(0.25)}, [](double x) { return x; }), std::sqrt(2) * 0.5, 1e-7));
  const auto normal = [](double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); };
  const auto draws = [](double mean, double variance) {
    return draw(gaussian(mean, variance), {1, 20000}, {1, purpose_test, 4, 0}).values();
  };
  CHECK(kolmogorov(draws(0, 1), normal) < kolmogorov_level_0_001);
  CHECK(kolmogorov(draws(0.05, 1), normal) > kolmogorov_level_0_001);
  CHECK(kolmogorov(draws(0, 1.15), normal) > kolmogorov_level_0_001);
  const Moments m = moments({1, 2, 6});
  CHECK(near(m.mean, 3, 1e-12));
  CHECK(near(m.variance, 14 / 3.0, 1e-12));
}

}  // namespace ddpm::test
