// Checks the optimizer (nn/optimizer.h): Adam's steps worked by hand, clipping, gradients that are not
// finite, the learning rate, and the EMA of the weights. The kernels: tests/kernels/test_adam.cpp.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "kernels/kernels.h"
#include "nn/optimizer.h"
#include "tests/support/near.h"

namespace ddpm::test {

namespace {

// One parameter, w (2) = (1, 2).
struct Fixture {
  Parameters parameters;
  Tensor w = parameters.add("w", {2}, Layout::vector, Init::zeros);
  Fixture() { set(w.data(), 1, 2); }
  static void set(real* x, double a, double b) { x[0] = real(a), x[1] = real(b); }
  // Accumulates (a, b) into the gradient of w.
  void gradient(double a, double b) {
    kernels::add(2, Tensor::from({2}, {real(a), real(b)}).data(), w.gradient().accumulator());
  }
};

}  // namespace

TEST_CASE("optimizer: Adam's first two steps equal those worked by hand") {
  Fixture f;
  AdamConfig config;
  config.learning_rate = 0.1;
  config.clip_norm = 0;
  Adam adam(f.parameters, config);

  // m / (1 - beta_1) = g and sqrt(v / (1 - beta_2)) = |g|: the first step moves w by the learning rate.
  f.gradient(3, -4);
  CHECK(adam.step(1) == 5);  // sqrt(3^2 + 4^2)
  CHECK(near(f.w.data()[0], 0.9, 1e-6));
  CHECK(near(f.w.data()[1], 2.1, 1e-6));
  CHECK(near(adam.m[0].data()[0], 0.3, 1e-7));    // 0.1 * 3
  CHECK(near(adam.v[0].data()[1], 0.016, 1e-7));  // 0.001 * 16
  CHECK(f.w.gradient().empty());                  // step() cleared it

  // Second step, g = (1, 0).
  // w[0]: m = 0.9 * 0.3 + 0.1 * 1 = 0.37, v = 0.999 * 0.009 + 0.001 * 1 = 0.009991.
  // w[1]: m = 0.9 * (-0.4) = -0.36, v = 0.999 * 0.016 = 0.015984.
  f.gradient(1, 0);
  CHECK(adam.step(2) == 1);
  CHECK(near(f.w.data()[0], 0.9 - 0.1 * (0.37 / 0.19) / std::sqrt(0.009991 / 0.001999), 1e-6));
  CHECK(near(f.w.data()[1], 2.1 + 0.1 * (0.36 / 0.19) / std::sqrt(0.015984 / 0.001999), 1e-6));
}

TEST_CASE("optimizer: clips the global norm of the gradient, over all parameters together") {
  Fixture f;
  const Tensor other = f.parameters.add("other", {1}, Layout::vector, Init::zeros);
  other.data()[0] = 0;
  Adam adam(f.parameters, {});
  f.gradient(1, -2);
  other.gradient().fill(2);
  CHECK(near(adam.step(1), 3, 1e-6));  // sqrt(1 + 4 + 4), before clipping
  CHECK(near(adam.m[0].data()[1], 0.1 * -2 / 3, 1e-7));
  CHECK(near(adam.m[1].data()[0], 0.1 * 2 / 3, 1e-7));

  f.gradient(0.3, 0.4);  // norm 0.5 < clip_norm: not clipped
  other.gradient().fill(0);
  CHECK(near(adam.step(2), 0.5, 1e-6));
  CHECK(near(adam.m[0].data()[1], 0.9 * 0.1 * -2 / 3 + 0.1 * 0.4, 1e-7));
}

TEST_CASE("optimizer: refuses a step if a gradient is empty") {
  Fixture f;
  Adam adam(f.parameters, {});
  CHECK_THROWS_AS(adam.step(1), std::logic_error);
}

TEST_CASE("optimizer: a gradient that is not finite leaves weights and moments unchanged") {
  for (double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Fixture f;
    Adam adam(f.parameters, {});
    f.gradient(bad, 1);
    CHECK_FALSE(std::isfinite(adam.step(1)));
    CHECK(f.w.values() == std::vector<real>{1, 2});
    CHECK(adam.m[0].values() == std::vector<real>{0, 0});
    CHECK(adam.v[0].values() == std::vector<real>{0, 0});
    CHECK(f.w.gradient().empty());
  }
}

TEST_CASE("optimizer: the learning rate warms up, then stays constant or decays along a cosine") {
  AdamConfig config;
  CHECK(learning_rate(config, 1) == 2e-4);
  config.warmup = 100;
  CHECK(near(learning_rate(config, 1), 2e-6, 1e-18));
  CHECK(near(learning_rate(config, 50), 1e-4, 1e-18));
  CHECK(learning_rate(config, 100) == 2e-4);
  CHECK(learning_rate(config, 1000000) == 2e-4);

  config.cosine = true;
  config.total_steps = 1100;
  CHECK(near(learning_rate(config, 50), 1e-4, 1e-18));
  CHECK(learning_rate(config, 100) == 2e-4);
  CHECK(near(learning_rate(config, 350), 2e-4 * (1 + std::sqrt(0.5)) / 2, 1e-16));
  CHECK(near(learning_rate(config, 600), 1e-4, 1e-16));
  CHECK(near(learning_rate(config, 1100), 0, 1e-16));
  CHECK(near(learning_rate(config, 2000), 0, 1e-16));  // stays 0 after total_steps

  config.total_steps = config.warmup;  // no steps after the warm-up
  CHECK(learning_rate(config, 100) == 2e-4);
}

TEST_CASE("optimizer: update_average computes decay * average + (1 - decay) * weights") {
  Fixture weights, average;
  Fixture::set(weights.w.data(), 3, -2);
  update_average(0.75, weights.parameters, average.parameters);
  CHECK(average.w.values() == std::vector<real>{1.5, 1});  // 0.75 * 1 + 0.25 * 3, 0.75 * 2 - 0.25 * 2
  CHECK(weights.w.values() == std::vector<real>{3, -2});

  Parameters other;
  other.add("w", {3}, Layout::vector, Init::zeros);
  CHECK_THROWS_AS(update_average(0.5, weights.parameters, other), std::logic_error);
}

}  // namespace ddpm::test
