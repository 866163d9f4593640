// Section 3.2: which σ_t² is best, and for which data. For a mean that is exact
// the bound's step costs E[KL] = 1/2 (log σ² + E‖x_{t−1} − μ‖²/σ²) + constants
// a dimension, so that the best σ² is E[Var(x_{t−1} | x_t)].
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

// E[(x_{t−1} − μ(x_t))²] with μ of Eq. (11) at ε*: the integral over q(x_{t−1})
// and the step's noise of Eq. (2). Knows nothing of Eq. (6) and Eq. (7).
double squared_error(const World& data, int t) {
  const double beta = schedule.beta[t], alpha = 1 - beta;
  const World noise = gaussian(0, 1);
  return expectation(noised(data, schedule, t - 1), [&](const Point& before) {
    return expectation(noise, [&](const Point& z) {
      const double x_t = std::sqrt(alpha) * before[0] + std::sqrt(beta) * z[0];
      const double eps = exact_noise(data, schedule, t, {x_t, 0})[0];
      const double mean = (x_t - beta / std::sqrt(1 - schedule.alpha_bar[t]) * eps) / std::sqrt(alpha);
      return square(before[0] - mean);
    });
  });
}

// What the step costs, but for constants, in nats.
double cost(double error, double sigma_2) { return 0.5 * (std::log(sigma_2) + error / sigma_2); }

// Two humps of mean 0 and variance 1.
const World two_humps{1, {{0.5, {-0.8, 0}, {0.36, 1}}, {0.5, {0.8, 0}, {0.36, 1}}}};
const World plus_minus_1 = finite_set(1, {Point{-1, 0}, Point{1, 0}});
const World lopsided{1, {{0.3, {-0.6, 0}, {0.04, 1}}, {0.7, {0.5, 0}, {0.01, 1}}}};

constexpr int times[] = {2, 10, 100, 500, 1000};

}  // namespace

TEST_CASE("Section 3.2: sigma_t^2 = beta_t is the best for x_0 ~ N(0, 1), beta_tilde_t for one point") {
  const World one_point = finite_set(1, {Point{0.4, 0}});
  for (int t : times) {
    const double unit = squared_error(gaussian(0, 1), t), point = squared_error(one_point, t);
    // Of numbers near 1 the difference x_{t−1} − μ keeps 1e-16/√β_2 = 1e-14 of itself; the
    // sums over 10^4 terms and the score's own rounding take a few digits more.
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

TEST_CASE("Section 3.2: the exact reverse variance is the integral's, and the best") {
  for (const World& data : {gaussian(0, 4), two_humps, lopsided})
    for (int t : times) {
      const double error = squared_error(data, t), best = reverse_variance(data, schedule, t);
      CHECK(near(best, error, 0, 1e-9));  // as above
      for (double factor : {0.5, 0.99, 1.01, 2.0}) CHECK(cost(error, best) < cost(error, factor * best));
    }
}

TEST_CASE("Section 3.2: for data of variance 1 it lies between beta_tilde_t and beta_t") {
  CHECK(near(expectation(two_humps, [](const Point& x) { return x[0] * x[0]; }), 1, 1e-12));
  // The integral, which knows of neither bound, with the digits that it has (above).
  const double digits = 1e-9;
  for (int t : {2, 3, 5, 10, 30, 100, 200, 300, 500, 700, 1000}) {
    const double lower = variance(Variance::posterior, t), upper = variance(Variance::beta, t);
    for (const World& data : {two_humps, plus_minus_1}) {
      const double exact = squared_error(data, t);
      CHECK(exact > lower * (1 - digits));
      CHECK(exact < upper * (1 + digits));  // near T all data look Gaussian
    }
    if (t > 300) continue;
    // Until then by more than the digits: inside where the world is neither a point nor a
    // Gaussian (two points are one, nearly, before t = 100), outside for data of variance 4.
    CHECK(squared_error(two_humps, t) < upper * (1 - 1e-5));
    CHECK(squared_error(two_humps, t) > lower * (1 + 1e-3));
    if (t >= 100) CHECK(squared_error(plus_minus_1, t) > lower * (1 + 1e-5));
    CHECK(squared_error(gaussian(0, 4), t) > upper * (1 + 1e-5));
  }
}

TEST_CASE("Section 3.2: in two dimensions too, on the average over them") {
  // The bounds are for a variance of 1 in each coordinate: a Gaussian with 1/2 and 3/2 is no
  // such world, but its mean over dimensions is the mean of two worlds in one dimension.
  const World data = gaussian(Point{0.2, -0.3}, Point{0.5, 1.5});
  for (int t : times) {
    const double each = (squared_error(gaussian(0.2, 0.5), t) + squared_error(gaussian(-0.3, 1.5), t)) / 2;
    CHECK(near(reverse_variance(data, schedule, t), each, 0, 1e-9));  // as above
  }
}

}  // namespace ddpm::test
