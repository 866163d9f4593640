// Section 3.2: which sigma_t^2 is best for which data, on worlds (tests/support/worlds.h). If the mean is
// exact, a term L_{t-1} of the bound is, apart from constants and per dimension,
//   1/2 (log sigma_t^2 + E ||x_{t-1} - mu||^2 / sigma_t^2),
// so the best sigma_t^2 is E[Var(x_{t-1} | x_t)]. The code: sigma in ddpm/reverse.cpp.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/reverse.h"
#include "tests/support/near.h"
#include "tests/support/worlds.h"

namespace ddpm::test {

namespace {

const Schedule schedule = make_schedule({});

double square(double x) { return x * x; }
double variance(Variance choice, int t) { return square(sigma(schedule, t, choice)); }

// Returns E[(x_{t-1} - mu(x_t))^2], where mu is Eq. (11) at eps*: an integral over q(x_{t-1}) and the noise
// of Eq. (2). It does not use Eq. (6) or Eq. (7).
double squared_error(const World& data, int t) {
  const double beta = schedule.beta[t], alpha = 1 - beta;
  const World noise = gaussian(0, 1);
  return expectation(noised(data, schedule, t - 1), [&](const Point& x_prev) {
    return expectation(noise, [&](const Point& z) {
      const double x_t = std::sqrt(alpha) * x_prev[0] + std::sqrt(beta) * z[0];
      const double eps = exact_noise(data, schedule, t, {x_t, 0})[0];
      const double mean = (x_t - beta / std::sqrt(1 - schedule.alpha_bar[t]) * eps) / std::sqrt(alpha);
      return square(x_prev[0] - mean);
    });
  });
}

// Returns L_{t-1} apart from constants, in nats.
double cost(double error, double sigma_2) { return 0.5 * (std::log(sigma_2) + error / sigma_2); }

// Both have mean 0 and variance 1.
const World two_humps{1, {{0.5, {-0.8, 0}, {0.36, 1}}, {0.5, {0.8, 0}, {0.36, 1}}}};
const World plus_minus_1 = finite_set(1, {Point{-1, 0}, Point{1, 0}});

constexpr int times[] = {2, 10, 100, 500, 1000};

}  // namespace

TEST_CASE("variances on worlds: beta_t is the best sigma_t^2 for x_0 ~ N(0, 1), beta_tilde_t for one point") {
  const World one_point = finite_set(1, {Point{0.4, 0}});
  for (int t : times) {
    const double unit = squared_error(gaussian(0, 1), t), point = squared_error(one_point, t);
    // x_{t-1} - mu is a difference of numbers near 1: its relative error is 1e-16 / sqrt(beta_2) = 1e-14.
    // Sums over 1e4 terms and the rounding of the score lose a few digits more.
    CHECK(near(variance(Variance::beta, t), unit, 0, 1e-9));
    CHECK(near(variance(Variance::posterior, t), point, 0, 1e-9));
    for (double factor : {0.5, 0.99, 1.01, 2.0}) {
      CHECK(cost(unit, variance(Variance::beta, t)) < cost(unit, factor * variance(Variance::beta, t)));
      const double best = variance(Variance::posterior, t);
      CHECK(cost(point, best) < cost(point, factor * best));
    }
    CHECK(cost(unit, variance(Variance::beta, t)) < cost(unit, variance(Variance::posterior, t)));
    CHECK(cost(point, variance(Variance::posterior, t)) < cost(point, variance(Variance::beta, t)));
  }
}

TEST_CASE(
    "variances on worlds: the best sigma_t^2 in closed form equals the integral, and no other is better") {
  for (const World& data : {gaussian(0, 4), two_humps, lopsided})
    for (int t : times) {
      const double error = squared_error(data, t), best = reverse_variance(data, schedule, t);
      CHECK(near(best, error, 0, 1e-9));  // as above
      for (double factor : {0.5, 0.99, 1.01, 2.0}) CHECK(cost(error, best) < cost(error, factor * best));
    }
}

TEST_CASE(
    "variances on worlds: for data of variance 1 the best sigma_t^2 lies between beta_tilde_t and beta_t") {
  CHECK(near(expectation(two_humps, [](const Point& x) { return x[0] * x[0]; }), 1, 1e-12));
  const double digits = 1e-9;  // the relative error of the integral, as above
  for (int t : {2, 3, 5, 10, 30, 100, 200, 300, 500, 700, 1000}) {
    const double lower = variance(Variance::posterior, t), upper = variance(Variance::beta, t);
    for (const World& data : {two_humps, plus_minus_1}) {
      const double exact = squared_error(data, t);
      CHECK(exact > lower * (1 - digits));
      CHECK(exact < upper * (1 + digits));  // near T all data look normal
    }
    if (t > 300) continue;
    // Up to t = 300 the inequalities are strict: inside for data that are neither a point nor normal (below
    // t = 100 two points behave as one), outside for data of variance 4.
    CHECK(squared_error(two_humps, t) < upper * (1 - 1e-5));
    CHECK(squared_error(two_humps, t) > lower * (1 + 1e-3));
    if (t >= 100) CHECK(squared_error(plus_minus_1, t) > lower * (1 + 1e-5));
    CHECK(squared_error(gaussian(0, 4), t) > upper * (1 + 1e-5));
  }
}

TEST_CASE("variances on worlds: in two dimensions the best sigma_t^2 is the mean over the dimensions") {
  const World data = gaussian(Point{0.2, -0.3}, Point{0.5, 1.5});
  for (int t : times) {
    const double each = (squared_error(gaussian(0.2, 0.5), t) + squared_error(gaussian(-0.3, 1.5), t)) / 2;
    CHECK(near(reverse_variance(data, schedule, t), each, 0, 1e-9));  // as above
  }
}

}  // namespace ddpm::test
