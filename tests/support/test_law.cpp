// tests/support/law.h against a case with a closed form: a Markov chain whose steps are affine keeps a
// normal distribution normal.
#include "tests/support/law.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/near.h"
#include "tests/support/normal.h"

namespace ddpm::test {

namespace {

// x ~ N(0.5, 1), then 0.6 x - 0.2 + 0.4 z: N(0.1, 0.52).
Law after_one_step() {
  const Law start = law_of(-8, 8, 0.05, [](double x) { return std::exp(normal_log_density(x, 0.5, 1)); });
  return moved(
      start, [](double x) { return 0.6 * x - 0.2; }, 0.4);
}

}  // namespace

TEST_CASE("law: an affine step of a normal distribution gives the normal distribution of the closed form") {
  const Law law = after_one_step();
  for (size_t i = 0; i < law.density.size(); ++i)
    CHECK(near(law.density[i], std::exp(normal_log_density(law.x(i), 0.1, 0.52)), 1e-12));
  CHECK(near(law.expect([](double x) { return x; }), 0.1, 1e-12));
  CHECK_THROWS_AS(moved(
                      law, [](double x) { return x; }, 0.04),
                  std::logic_error);
}

TEST_CASE("law: the distribution function of an increasing map of x") {
  const Distribution F = distribution(after_one_step(), [](double x) { return 3 * x; });
  for (double x : {-3.0, -0.5, 0.0, 2.0})  // the trapezoids' error: 0.05^2 times the density's slope
    CHECK(near(F(3 * x), normal_cdf(x, 0.1, 0.52), 3e-4));
  CHECK(F(-100) == 0);
  CHECK(F(100) == 1);
  CHECK_THROWS_AS(distribution(after_one_step(), [](double x) { return -x; }), std::logic_error);
}

TEST_CASE("law: the distance of two distribution functions is their largest difference") {
  const auto F = [](double x) { return normal_cdf(x); };
  const auto G = [](double x) { return normal_cdf(x, 0.2); };
  CHECK(near(distance(F, G), normal_cdf(0.1) - normal_cdf(-0.1), 1e-5));
}

}  // namespace ddpm::test
