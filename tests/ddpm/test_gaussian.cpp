// ddpm/gaussian.cpp: sums over the dimensions of each image, draws that do not depend on the batch, and
// variances that are refused.
#include "ddpm/gaussian.h"

#include <doctest/doctest.h>

#include <numeric>

#include "tests/support/near.h"
#include "tests/support/normal.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

const double rounding = sizeof(real) == 8 ? 1e-12 : 1e-5;

}  // namespace

TEST_CASE("gaussian: image b draws its noise from the stream with index first.index + b") {
  const Tensor all = standard_normal({3, 2, 2, 1}, {5, purpose_test, 1, 20});
  for (uint32_t b : {0, 1, 2}) {
    const Tensor one = standard_normal({1, 2, 2, 1}, {5, purpose_test, 1, 20 + b});
    CHECK(std::equal(one.data(), one.data() + 4, all.data() + 4 * b));
  }
}

TEST_CASE("gaussian: combinations have one pair of factors per image, and overwrite nothing") {
  const Tensor x = normal({2, 3}, 1), y = normal({2, 3}, 2);
  const std::vector<real> x_before = x.values(), y_before = y.values();
  const Tensor each = linear_combination({2, 3}, x, {5, 7}, y), all = linear_combination(2, x, 5, y);
  const Tensor doubled = scale(2, x);
  for (int i = 0; i < 6; ++i) {
    const double a = i < 3 ? 2 : 3, c = i < 3 ? 5 : 7;
    CHECK(near(each.data()[i], a * x.data()[i] + c * y.data()[i], rounding));
    CHECK(near(all.data()[i], 2.0 * x.data()[i] + 5.0 * y.data()[i], rounding));
    CHECK(doubled.data()[i] == 2 * x.data()[i]);
  }
  CHECK(x.values() == x_before);
  CHECK(y.values() == y_before);
  CHECK_THROWS_AS(linear_combination(1, x, 1, normal({3, 2}, 1)), std::logic_error);
}

TEST_CASE("gaussian: norms, distances and log-densities sum over the dimensions of each image") {
  const Tensor x = normal({2, 2, 3, 1}, 1), y = normal({2, 2, 3, 1}, 2);
  for (int b : {0, 1}) {
    double norm = 0, distance = 0, log_density = 0, log_standard = 0;
    for (int i = 6 * b; i < 6 * b + 6; ++i) {
      const double u = x.data()[i], v = y.data()[i];
      norm += u * u, distance += (u - v) * (u - v);
      log_density += normal_log_density(u, v, 0.3), log_standard += normal_log_density(u, 0, 1);
    }
    CHECK(near(squared_norm(x)[b], norm, 0, 1e-12));
    CHECK(near(squared_distance(x, y)[b], distance, 0, 1e-12));
    CHECK(near(log_normal(x, y, 0.3)[b], log_density, 0, 1e-12));
    CHECK(near(log_standard_normal(x)[b], log_standard, 0, 1e-12));
  }
}

TEST_CASE("gaussian: a variance that is not positive and finite is refused with its value") {
  const Tensor x = normal({1, 4}, 1);
  for (double variance : {0.0, -1.0, std::nan(""), double(INFINITY)}) {
    const std::string error = error_of([&] { log_normal(x, x, variance); });
    CHECK(error.starts_with(text("the variance of a density must be positive, not ", variance)));
  }
  CHECK_NOTHROW(require_variance(1e-300));
}

}  // namespace ddpm::test
