// Algorithm 2: against its lines written out, and that image i is image i
// however it is asked for.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ddpm/gaussian.h"
#include "ddpm/sample.h"
#include "tensor/pool.h"
#include "tests/support/near.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

constexpr int n = 8 * 8;  // pixels of an image

struct World {
  Unet network{small_config()};
  Schedule schedule;
  explicit World(int T) : schedule(make_schedule({.T = T, .beta_1 = 0.1, .beta_T = 0.6})) {
    network.parameters().initialize(1);
    perturb(network.parameters());
  }
  Tensor sample(ReverseConfig config, uint64_t seed, int64_t first, int count,
                const SampleObserver& observer = {}) const {
    return ddpm::sample(noise_predictor(network), {8, 8, 1}, schedule, config, seed, first, count, observer);
  }
};

std::vector<double> normal(Stream stream) {
  std::vector<real> x(n);
  kernels::fill_normal(n, stream, x.data());
  return {x.begin(), x.end()};
}

// ε_θ for one image in double.
std::vector<double> eps_theta(const Unet& network, const std::vector<double>& x, int t) {
  Tape tape(Tape::off);
  const Tensor input = Tensor::from({1, 8, 8, 1}, {x.begin(), x.end()});
  const Tensor eps = network(tape, input, Tensor::from({1}, {real(t - 1)}));
  return {eps.data(), eps.data() + n};
}

// Algorithm 2 as the paper prints it, or with x̂_0 clipped by Eq. (15) and
// Eq. (7), for one image, with its own tables.
std::vector<double> by_hand(const World& world, ReverseConfig config, uint64_t seed, uint32_t image) {
  const int T = world.schedule.T;
  std::vector<double> x = normal({seed, purpose_prior, 0, image});
  for (int t = T; t >= 1; --t) {
    double before = 1;  // ᾱ_{t−1}
    for (int s = 1; s < t; ++s) before *= 1 - world.schedule.beta[s];
    const double beta = world.schedule.beta[t], alpha = 1 - beta, now = before * alpha;
    const double variance = config.variance == Variance::beta ? beta : (1 - before) / (1 - now) * beta;
    const std::vector<double> eps = eps_theta(world.network, x, t);
    const std::vector<double> z = normal({seed, purpose_reverse, uint32_t(t), image});
    for (int i = 0; i < n; ++i) {
      const double x_0 = std::clamp((x[i] - std::sqrt(1 - now) * eps[i]) / std::sqrt(now), -1.0, 1.0);
      const double printed = (x[i] - (1 - alpha) / std::sqrt(1 - now) * eps[i]) / std::sqrt(alpha);
      const double clipped =
          (std::sqrt(before) * beta * x_0 + std::sqrt(alpha) * (1 - before) * x[i]) / (1 - now);
      x[i] = (config.clip == Clip::on ? clipped : printed) + (t > 1 ? std::sqrt(variance) * z[i] : 0);
    }
  }
  return x;
}

}  // namespace

TEST_CASE("Algorithm 2: sample() is the algorithm written out") {
  const World world(3);
  for (const Variance variance : {Variance::beta, Variance::posterior})
    for (const Clip clip : {Clip::off, Clip::on}) {
      const Tensor got = world.sample({variance, clip}, 11, 4, 2);
      CHECK(got.shape() == Shape{2, 8, 8, 1});
      for (uint32_t image : {4u, 5u}) {
        const std::vector<double> want = by_hand(world, {variance, clip}, 11, image);
        const double tolerance = sizeof(real) == 8 ? 1e-11 : 1e-4;
        CHECK(mismatch(got.data() + (image - 4) * n, want.data(), n, tolerance, tolerance) == "");
      }
    }
}

TEST_CASE("Algorithm 2, line 3: the last step adds no noise") {
  const World world(1);
  Tensor x_T({1, 8, 8, 1});
  kernels::fill_normal(n, {11, purpose_prior, 0, 0}, x_T.data());
  Tape tape(Tape::off);
  const Tensor eps = noise_predictor(world.network)(tape, x_T, {1});
  const Tensor mean = clipped_x0(world.schedule, 1, x_T, eps);
  CHECK(world.sample({}, 11, 0, 1).values() == mean.values());
}

TEST_CASE("Algorithm 2 takes t = T, ..., 1, once each, frees memory as it goes, and can be stopped") {
  const World world(20);
  std::vector<int> seen, want;
  std::vector<int64_t> buffers;
  world.sample({}, 11, 0, 2, [&](int t, const Tensor&, const Tensor&) {
    seen.push_back(t);
    buffers.push_back(pool_use().live_buffers);
    return true;
  });
  for (int t = 20; t >= 1; --t) want.push_back(t);
  CHECK(seen == want);
  for (size_t i = 2; i + 1 < buffers.size(); ++i) CHECK(buffers[i] == buffers[1]);
  for (const Parameter& p : world.network.parameters().all()) CHECK(p.value.gradient().empty());

  int calls = 0;
  const auto thrice = [&](int, const Tensor&, const Tensor&) { return ++calls < 3; };
  CHECK_FALSE(bool(world.sample({}, 11, 0, 2, thrice)));
  CHECK(calls == 3);
}

TEST_CASE("Algorithm 2: the observer gets t, x_{t-1} and x_0_hat, clipped if the clip is on") {
  const World world(5);
  for (const Clip clip : {Clip::off, Clip::on}) {
    Tensor x_t = standard_normal({2, 8, 8, 1}, {11, purpose_prior, 0, 4}), last;
    int t_before = 6, beyond = 0;
    const Tensor x_0 = world.sample({Variance::beta, clip}, 11, 4, 2,
                                    [&](int t, const Tensor& x_prev, const Tensor& x_0_hat) {
                                      CHECK(t == --t_before);
                                      const Tensor eps_hat = predict(noise_predictor(world.network), x_t, t);
                                      Tensor want = predict_x0(world.schedule, t, x_t, eps_hat);
                                      for (int64_t i = 0; i < want.size(); ++i)
                                        beyond += std::fabs(want.data()[i]) > 1;
                                      if (clip == Clip::on) kernels::clip(want.size(), -1, 1, want.data());
                                      CHECK(x_0_hat.values() == want.values());
                                      x_t = last = x_prev;
                                      return true;
                                    });
    CHECK(t_before == 1);
    CHECK(beyond > 20);  // so that the clip shows
    CHECK(last.values() == x_0.values());
  }
}

TEST_CASE("image i depends on the seed and on i alone: not on first, count or threads" *
          doctest::test_suite("same bits")) {
  const World world(4);
  const int before = kernels::threads();
  const std::vector<real> all = world.sample({}, 11, 0, 5).values();
  for (int threads : {1, 2, 3})
    for (int count : {1, 2, 5})
      for (int first = 0; first < 5; first += count) {
        kernels::set_threads(threads);
        const int images = std::min(count, 5 - first);
        const std::vector<real> some = world.sample({}, 11, first, images).values();
        CHECK(std::equal(some.begin(), some.end(), all.begin() + first * n));
      }
  kernels::set_threads(before);
  CHECK_FALSE(std::equal(all.begin(), all.begin() + n, all.begin() + n));
  CHECK(world.sample({}, 12, 0, 5).values() != all);
}

TEST_CASE("images are numbered within 32 bits") {
  const World world(1);
  const int64_t last = (int64_t(1) << 32) - 1;
  const auto images = [&](int64_t first, int count) { return world.sample({}, 1, first, count); };
  CHECK_THROWS_AS(images(-1, 2), std::logic_error);
  CHECK_THROWS_AS(images(last, 2), std::logic_error);
  CHECK_THROWS_AS(images(0, 0), std::logic_error);
  CHECK_NOTHROW(images(last, 1));
}

TEST_CASE("Algorithm 2: a prediction that is not finite is an error, though the clip could hide it") {
  const Schedule schedule({0.1, 0.2});
  for (const real bad : {std::numeric_limits<real>::infinity(), std::numeric_limits<real>::quiet_NaN()}) {
    const NoisePredictor eps_theta = [&](Tape&, const Tensor& x, const std::vector<int>&) {
      Tensor eps = Tensor::zeros(x.shape());
      eps.data()[1] = bad;
      return eps;
    };
    CHECK_THROWS_AS(sample(eps_theta, {3}, schedule, {Variance::beta, Clip::on}, 0, 0, 1), Error);
  }
}

}  // namespace ddpm::test
