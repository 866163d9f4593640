// ddpm/reverse.cpp: the two choices of sigma_t, the replacement for beta_tilde_1 = 0, and what is refused.
// Eq. (1), (11) and (15) themselves: tests/equations/processes.cpp, tests/equations/posterior.cpp.
#include "ddpm/reverse.h"

#include <doctest/doctest.h>

#include "ddpm/posterior.h"
#include "tests/support/near.h"
#include "tests/support/normal.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

TEST_CASE("reverse: sigma_t by both choices of Section 3.2") {
  const Schedule s = make_schedule({});
  CHECK(near(sigma(s, 1, Variance::beta) * 127.5, 1.275, 0, 1e-12));  // in pixel values
  CHECK(near(sigma(s, 2, Variance::posterior) * 127.5, 0.9415, 0, 1e-4));
  CHECK(sigma(s, 1, Variance::posterior) == 0);
  for (int t = 2; t <= s.T; ++t) {
    CHECK(near(sigma(s, t, Variance::beta), std::sqrt(s.beta[t]), 0, 1e-15));
    CHECK(sigma(s, t, Variance::posterior) < sigma(s, t, Variance::beta));
  }
}

TEST_CASE("reverse: the variances of densities are sigma_t^2, but beta_tilde_2 replaces beta_tilde_1 = 0") {
  const Schedule s = make_schedule({});
  CHECK(reverse_variances(s, Variance::beta) == s.beta);
  const std::vector<double> variances = reverse_variances(s, Variance::posterior);
  REQUIRE(variances.size() == 1001);
  CHECK(variances[1] == posterior_variance(s, 2));
  for (int t = 2; t <= s.T; ++t) CHECK(variances[t] == posterior_variance(s, t));
  // With T = 1 there is no beta_tilde_2.
  CHECK(error_of([&] { reverse_variances(Schedule({0.5}), Variance::posterior); }).starts_with("with T = 1"));
  CHECK_NOTHROW(reverse_variances(Schedule({0.5}), Variance::beta));
}

TEST_CASE("reverse: x_0_hat is refused where nothing of x_0 is left in x_t") {
  const Schedule s(std::vector<double>(100, 0.99));  // sqrt(alpha_bar_t) = 10^-t
  const Tensor x = normal({1, 4}, 1);
  CHECK_NOTHROW(clipped_x0(s, 29, x, x));
  CHECK_THROWS_AS(clipped_x0(s, 31, x, x), Error);
  CHECK_THROWS_AS(clipped_x0(s, 100, x, x), Error);
  CHECK_NOTHROW(reverse_mean(s, 100, x, x));
}

TEST_CASE("reverse: a t outside of 1..T and a variance of 0 are refused") {
  const Schedule s({0.1, 0.2});
  const Tensor x = normal({1, 4}, 1);
  for (int t : {-1, 0, 3}) {
    CHECK_THROWS_AS(sigma(s, t, Variance::beta), std::logic_error);
    CHECK_THROWS_AS(predict_x0(s, t, x, x), std::logic_error);
    CHECK_THROWS_AS(reverse_mean(s, t, x, x), std::logic_error);
  }
  CHECK_THROWS_AS(reverse_log_density(s, 1, x, x, 0, x), Error);
}

}  // namespace ddpm::test
