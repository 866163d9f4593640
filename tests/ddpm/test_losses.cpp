// ddpm/losses.cpp: the losses of each image of a batch, known weights of the paper's schedule, and what is
// refused. Eq. (8), (9), (10), (12) and (14) themselves: tests/equations/losses.cpp.
#include "ddpm/losses.h"

#include <doctest/doctest.h>

#include "tests/support/near.h"
#include "tests/support/normal.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

TEST_CASE("losses: simple_loss returns the mean square of eps - eps_theta(x_t, t) for each image") {
  const Tensor x_t = normal({3, 8, 8, 1}, 1), eps = normal({3, 8, 8, 1}, 2);
  const std::vector<int> t{1, 300, 1000};
  const NoisePredictor eps_theta = [&](Tape&, const Tensor& x, const std::vector<int>& times) {
    CHECK(times == t);
    return scale(0.5, x);
  };
  Tape tape(Tape::off);
  const Losses losses = simple_loss(tape, eps_theta, make_schedule({}), eps, x_t, t, eps);
  REQUIRE(losses.values.size() == 3);
  REQUIRE(losses.on_tape.shape() == Shape{3});
  const PerImage want = squared_distance(eps, scale(0.5, x_t)) / 64.0;
  for (int b = 0; b < 3; ++b) {
    CHECK(near(losses.values[b], want[b], 0, sizeof(real) == 8 ? 1e-12 : 1e-5));
    CHECK(losses.on_tape.data()[b] == real(losses.values[b]));
  }
}

TEST_CASE("losses: weights of Eq. (12) on the paper's schedule") {
  const Schedule s = make_schedule({});
  CHECK(near(loss_weight(s, 1, s.beta[1]), 0.50005, 0, 1e-5));
  CHECK(near(loss_weight(s, 2, s.beta[2]), 0.27269, 0, 1e-4));
  CHECK(near(loss_weight(s, 10, s.beta[10]), 0.073717, 0, 1e-5));
  CHECK(near(loss_weight(s, 1000, s.beta[1000]), 0.010204, 0, 1e-4));
}

TEST_CASE("losses: a variance that is not positive and finite is refused") {
  const Schedule s = make_schedule({});
  const Tensor x = normal({3, 2, 2, 1}, 1);
  const auto refusal = [](double variance) { return error_of([&] { require_variance(variance); }); };
  for (double v : {0.0, -1.0, std::nan(""), double(INFINITY)}) {
    CHECK(error_of([&] { step_loss_noise(s, 1, x, x, v); }) == refusal(v));
    CHECK(error_of([&] { step_loss_posterior(s, 1, x, x, x, v); }) == refusal(v));
    CHECK(error_of([&] { step_loss_reparametrized(s, 1, x, x, x, v); }) == refusal(v));
    CHECK(error_of([&] { step_loss_target(s, 1, x, x, x, v); }) == refusal(v));
    CHECK(error_of([&] { step_constant(s, 2, v); }) == refusal(v));
    CHECK(error_of([&] { step_term(s, 2, x, x, x, v); }) == refusal(v));
  }
}

TEST_CASE(
    "losses: a t outside of 1..T, and t = 1 where the term is a KL divergence, throw std::logic_error") {
  const Schedule s({0.1, 0.2});
  const Tensor x = normal({1, 4}, 1);
  for (int t : {-1, 0, 3}) {
    CHECK_THROWS_AS(loss_weight(s, t, 1), std::logic_error);
    CHECK_THROWS_AS(step_loss_posterior(s, t, x, x, x, 1), std::logic_error);
    CHECK_THROWS_AS(step_loss_reparametrized(s, t, x, x, x, 1), std::logic_error);
    CHECK_THROWS_AS(step_loss_target(s, t, x, x, x, 1), std::logic_error);
  }
  CHECK_THROWS_AS(step_term(s, 1, x, x, x, 1), std::logic_error);
  CHECK_THROWS_AS(step_constant(s, 1, 1), std::logic_error);
}

TEST_CASE("losses: Eq. (9) is refused where nothing of x_0 is left in x_t") {
  const Schedule s(std::vector<double>(100, 0.99));  // sqrt(alpha_bar_100) = 1e-100
  const Tensor x = normal({1, 4}, 1);
  CHECK_THROWS_AS(step_loss_reparametrized(s, 100, x, x, x, 1), Error);
}

}  // namespace ddpm::test
