// ddpm/forward.cpp: each image has its own t, and a t outside of 1..T is refused.
// Eq. (2) and Eq. (4) themselves: tests/equations/processes.cpp.
#include "ddpm/forward.h"

#include <doctest/doctest.h>

#include "tests/support/near.h"
#include "tests/support/normal.h"

namespace ddpm::test {

TEST_CASE("forward: each image is noised up to its own t") {
  const Schedule s = make_schedule({});
  const Tensor x_0 = normal({3, 2, 2, 1}, 1), eps = normal({3, 2, 2, 1}, 2);
  const std::vector<int> t = {1, 1000, 500};
  const Tensor x_t = q_sample(s, t, x_0, eps);
  for (int i = 0; i < 12; ++i) {
    const double a = s.alpha_bar[t[i / 4]];
    const double want = std::sqrt(a) * x_0.data()[i] + std::sqrt(1 - a) * eps.data()[i];
    CHECK(near(x_t.data()[i], want, sizeof(real) == 8 ? 1e-12 : 1e-5));
  }
}

TEST_CASE("forward: a t outside of 1..T and unequal shapes throw std::logic_error") {
  const Schedule s({0.1, 0.2});
  const Tensor x = normal({2, 3}, 1);
  for (int t : {-1, 0, 3}) {
    CHECK_THROWS_AS(q_sample(s, {1, t}, x, x), std::logic_error);
    CHECK_THROWS_AS(forward_step(s, t, x, x), std::logic_error);
    CHECK_THROWS_AS(forward_log_density(s, t, x, x), std::logic_error);
  }
  CHECK_THROWS_AS(q_sample(s, {1}, x, x), std::logic_error);
  CHECK_THROWS_AS(q_sample(s, {1, 1}, x, normal({2, 4}, 1)), std::logic_error);
}

}  // namespace ddpm::test
