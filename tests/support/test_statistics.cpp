// tests/support/statistics.h and normal.h against values computed by hand. Kolmogorov's test must also reject
// samples of a distribution that is nearly the right one.
#include "tests/support/statistics.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/near.h"

namespace ddpm::test {

TEST_CASE("statistics: mean, variance, correlation and chi-square by hand") {
  const Normal fitted = fitted_normal({1, 2, 6});
  CHECK(near(fitted.mean, 3, 1e-12));
  CHECK(near(fitted.variance, 14 / 3.0, 1e-12));
  CHECK(near(correlation({1, 2, 3}, {5, 7, 9}), 1, 1e-12));
  CHECK(near(correlation({1, 2, 3}, {9, 7, 5}), -1, 1e-12));
  CHECK(near(correlation({-1, 0, 1}, {1, -2, 1}), 0, 1e-12));
  CHECK(near(chi_square({3, 7}, 5), 1.6, 1e-12));
}

TEST_CASE("statistics: the normal distribution's density and distribution function by hand") {
  CHECK(near(normal_log_density(3, 1, 4), -0.5 - std::log(2 * std::sqrt(2 * std::numbers::pi)), 1e-12));
  CHECK(near(normal_cdf(3, 1, 4), 0.841344746068543, 1e-12));
  CHECK(normal_cdf(0) == 0.5);
}

TEST_CASE("statistics: Kolmogorov's test accepts a sample of F, and rejects a shifted or a wider one") {
  CHECK(near(kolmogorov({real(0.5), real(0.25)}, [](double x) { return x; }), std::sqrt(2) * 0.5, 1e-7));
  const auto statistic = [](double mean, double variance) {
    std::vector<real> sample = normal({20000}, 4).values();
    for (real& x : sample) x = real(mean + std::sqrt(variance) * x);
    return kolmogorov(sample, [](double x) { return normal_cdf(x); });
  };
  CHECK(statistic(0, 1) < kolmogorov_level_0_001);
  CHECK(statistic(0.05, 1) > kolmogorov_level_0_001);
  CHECK(statistic(0, 1.15) > kolmogorov_level_0_001);
}

}  // namespace ddpm::test
