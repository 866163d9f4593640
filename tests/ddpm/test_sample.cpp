// ddpm/sample.cpp: an image depends on its seed and number alone, what the observer gets, memory, and what is
// refused. Algorithm 2 itself, line by line: tests/equations/algorithms.cpp.
#include "ddpm/sample.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "tensor/pool.h"
#include "tests/support/near.h"
#include "tests/support/threads.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

// Sampling with a U-Net for images of 8x8.
struct Sampler {
  Unet network{small_config()};
  Schedule schedule;
  explicit Sampler(int T) : schedule(make_schedule({.T = T, .beta_1 = 0.1, .beta_T = 0.6})) {
    network.parameters().initialize(1);
    perturb(network.parameters());
  }
  Tensor sample(ReverseConfig config, uint64_t seed, int64_t first, int count,
                const SampleObserver& observer = {}) const {
    return ddpm::sample(noise_predictor(network), {8, 8, 1}, schedule, config, seed, first, count, observer);
  }
};

}  // namespace

TEST_CASE("sample: x_T and the noise of each step are streams, named by seed, t and the image's number") {
  const Schedule schedule(std::vector<double>(3, 0.2));
  const NoisePredictor zero = [](Tape&, const Tensor& x, const std::vector<int>&) {
    return Tensor::zeros(x.shape());
  };
  Tensor x_t = standard_normal({2, 4}, {11, purpose_prior, 0, 5});
  sample(zero, {4}, schedule, {Variance::beta, Clip::off}, 11, 5, 2,
         [&](int t, const Tensor& x_prev, const Tensor&) {
           const Tensor z = standard_normal({2, 4}, {11, purpose_reverse, uint32_t(t), 5});
           const Tensor mean = reverse_mean(schedule, t, x_t, Tensor::zeros({2, 4}));
           const double sigma_t = t > 1 ? sigma(schedule, t, Variance::beta) : 0;
           CHECK(x_prev.values() == linear_combination(1, mean, sigma_t, z).values());
           x_t = x_prev;
           return true;
         });
}

TEST_CASE("sample: frees memory as it goes, and stops when the observer returns false") {
  const Sampler sampler(20);
  std::vector<int64_t> buffers;
  sampler.sample({}, 11, 0, 2, [&](int, const Tensor&, const Tensor&) {
    buffers.push_back(pool_use().live_buffers);
    return true;
  });
  REQUIRE(buffers.size() == 20);
  for (size_t i = 2; i + 1 < buffers.size(); ++i) CHECK(buffers[i] == buffers[1]);
  for (const Parameter& p : sampler.network.parameters().all()) CHECK(p.value.gradient().empty());

  int calls = 0;
  const auto thrice = [&](int, const Tensor&, const Tensor&) { return ++calls < 3; };
  CHECK_FALSE(bool(sampler.sample({}, 11, 0, 2, thrice)));
  CHECK(calls == 3);
}

TEST_CASE("sample: the observer gets t, x_{t-1} and x_0_hat, clipped if the clip is on") {
  const Sampler sampler(5);
  for (const Clip clip : {Clip::off, Clip::on}) {
    Tensor x_t = standard_normal({2, 8, 8, 1}, {11, purpose_prior, 0, 4});
    int t_before = 6, beyond = 0;
    const auto observer = [&](int t, const Tensor& x_prev, const Tensor& x_0_hat) {
      CHECK(t == --t_before);
      const Tensor eps_hat = predict(noise_predictor(sampler.network), x_t, t);
      Tensor want = predict_x0(sampler.schedule, t, x_t, eps_hat);
      for (int64_t i = 0; i < want.size(); ++i) beyond += std::fabs(want.data()[i]) > 1;
      if (clip == Clip::on) kernels::clip(want.size(), -1, 1, want.data());
      CHECK(x_0_hat.values() == want.values());
      x_t = x_prev;
      return true;
    };
    const Tensor x_0 = sampler.sample({Variance::beta, clip}, 11, 4, 2, observer);
    CHECK(t_before == 1);
    CHECK(beyond > 20);  // so that the clip makes a difference
    CHECK(x_t.values() == x_0.values());
  }
}

TEST_CASE("sample: image i depends on the seed and on i alone: not on first, count or threads" *
          doctest::test_suite("same bits")) {
  const Sampler sampler(4);
  const int n = 64;  // pixels of an image
  const std::vector<real> all = sampler.sample({}, 11, 0, 5).values();
  for (int threads : {1, 2, 3})
    for (int count : {1, 2, 5})
      for (int first = 0; first < 5; first += count) {
        const UseThreads used(threads);
        const int images = std::min(count, 5 - first);
        const std::vector<real> some = sampler.sample({}, 11, first, images).values();
        CHECK(std::equal(some.begin(), some.end(), all.begin() + first * n));
      }
  CHECK_FALSE(std::equal(all.begin(), all.begin() + n, all.begin() + n));
  CHECK(sampler.sample({}, 12, 0, 5).values() != all);
}

TEST_CASE("sample: the numbers of images are in 0..2^32 - 1") {
  const Sampler sampler(1);
  const int64_t last = (int64_t(1) << 32) - 1;
  const auto images = [&](int64_t first, int count) { return sampler.sample({}, 1, first, count); };
  CHECK_THROWS_AS(images(-1, 2), std::logic_error);
  CHECK_THROWS_AS(images(last, 2), std::logic_error);
  CHECK_THROWS_AS(images(0, 0), std::logic_error);
  CHECK_NOTHROW(images(last, 1));
}

TEST_CASE("sample: a prediction that is not finite is an error, though the clip could hide it") {
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
