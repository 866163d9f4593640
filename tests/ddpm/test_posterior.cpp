// ddpm/posterior.cpp: known numbers of the paper's schedule, the case t = 1, and what is refused.
// Eq. (6) and Eq. (7) themselves: tests/equations/posterior.cpp.
#include "ddpm/posterior.h"

#include <doctest/doctest.h>

#include "tests/support/near.h"
#include "tests/support/normal.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

TEST_CASE("posterior: at t = 1 it is the point x_0: its mean is x_0, its variance 0, and it has no density") {
  const Schedule s = make_schedule({});
  const Tensor x_0 = normal({2, 3}, 1), x_1 = normal({2, 3}, 2);
  CHECK(posterior_coefficients(s, 1).x_0 == 1);
  CHECK(posterior_coefficients(s, 1).x_t == 0);
  CHECK(posterior_mean(s, 1, x_0, x_1).values() == x_0.values());
  CHECK(posterior_variance(s, 1) == 0);
  CHECK(error_of([&] {
          posterior_log_density(s, 1, x_0, x_1, x_0);
        }).starts_with("q(x_0 | x_1, x_0) is the point"));
}

TEST_CASE("posterior: beta_tilde_2 of the paper's schedule") {
  CHECK(near(posterior_variance(make_schedule({}), 2), 5.4531877e-5, 0, 1e-7));
}

TEST_CASE("posterior: a t outside of 1..T throws std::logic_error") {
  const Schedule s({0.1, 0.2});
  for (int t : {-1, 0, 3}) {
    CHECK_THROWS_AS(posterior_variance(s, t), std::logic_error);
    CHECK_THROWS_AS(posterior_coefficients(s, t), std::logic_error);
  }
}

}  // namespace ddpm::test
