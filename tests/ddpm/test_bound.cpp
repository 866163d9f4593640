// The bound on images, in every build: values image by image, shapes, the patch at
// t = 1, and what is refused. The decoder: tests/ddpm/test_decoder.cpp.
// The equations themselves, in double: tests/equations/.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ddpm/bound.h"
#include "ddpm/decoder.h"
#include "ddpm/forward.h"
#include "ddpm/data/image.h"
#include "ddpm/posterior.h"
#include "ddpm/reverse.h"
#include "ddpm/losses.h"
#include "tensor/random.h"
#include "tests/support/near.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

// The numbers of the tensors are rounded to `real`; the sums are double.
constexpr double rounding = sizeof(real) == 8 ? 1e-12 : 1e-5;

Schedule short_schedule() { return Schedule({0.05, 0.3, 0.1, 0.25, 0.4, 0.6}); }

// Three images of 2×2 pixels, all of them levels, the edges included.
Tensor images() {
  const std::vector<int> bytes{0, 255, 3, 127, 128, 129, 254, 1, 60, 200, 90, 255};
  std::vector<real> x;
  for (int byte : bytes) x.push_back(to_unit(uint8_t(byte)));
  return Tensor::from({3, 2, 2, 1}, x);
}

// An ε_θ without a network: 0.4 x_t + 0.1 t.
const NoisePredictor affine = [](Tape&, const Tensor& x_t, const std::vector<int>& t) {
  Tensor eps(x_t.shape());
  for (int64_t i = 0; i < x_t.size(); ++i) eps.data()[i] = real(0.4) * x_t.data()[i] + real(0.1) * t[0];
  return eps;
};

// Image b of a batch as a batch of one.
Tensor image_of(const Tensor& x, int b) {
  const int64_t n = x.size() / x.dim(0);
  Shape shape = x.shape();
  shape[0] = 1;
  return Tensor::from(shape, {x.data() + b * n, x.data() + (b + 1) * n});
}

}  // namespace

TEST_CASE("Eq. (5): each image's terms do not depend on the batch around it" *
          doctest::test_suite("same bits")) {
  const Schedule s = short_schedule();
  const Tensor x_0 = images();
  for (const Clip clip : {Clip::off, Clip::on}) {
    const std::vector<double> variances = reverse_variances(s, Variance::posterior);
    const Bound all = variational_bound(s, variances, affine, x_0, {5, purpose_test, 0, 20}, clip);
    REQUIRE(all.L.size() == 7);  // L_0, …, L_T
    for (uint32_t b = 0; b < 3; ++b) {
      const Stream noise{5, purpose_test, 0, 20 + b};
      const Bound one = variational_bound(s, variances, affine, image_of(x_0, b), noise, clip);
      double total = 0;
      for (int i = 0; i <= s.T; ++i) {
        CHECK(all.L[i][b] == one.L[i][0]);
        CHECK(all.L[i][b] > 0);
        total += all.L[i][b];
      }
      CHECK(near(all.total(b), total, 0, 1e-12));  // another order of seven terms
      CHECK(near(all.rate(b), total - all.L[0][b], 1e-12, 1e-12));
    }
  }
}

TEST_CASE("Eq. (5): the terms are those of Eq. (8) and (13) for the same draws, with the clip and without") {
  const Schedule s = short_schedule();
  const Tensor x_0 = images();
  const std::vector<double> variances = reverse_variances(s, Variance::beta);
  for (const Clip clip : {Clip::off, Clip::on}) {
    const Bound bound = variational_bound(s, variances, affine, x_0, {5, purpose_test, 0, 20}, clip);
    int clipped = 0;
    for (int t = 1; t <= s.T; ++t) {
      const Tensor eps = standard_normal(x_0.shape(), {5, purpose_test, uint32_t(t), 20});
      const double signal = std::sqrt(s.alpha_bar[t]), noise = std::sqrt(s.one_minus_alpha_bar[t]);
      for (int b = 0; b < 3; ++b) {
        // Number by number: x_0 hat by Eq. (15), clipped if asked for; the two means by Eq. (7)
        // differ in x_0 alone, and Eq. (13) takes the mean at t = 1, which is x_0 hat itself.
        double want = t > 1 ? 4 * step_constant(s, t, variances[t]) : 0;
        for (int i = 4 * b; i < 4 * b + 4; ++i) {
          const double x = x_0.data()[i], x_t = signal * x + noise * eps.data()[i];
          double x_0_hat = (x_t - noise * (0.4 * x_t + 0.1 * t)) / signal;
          clipped += std::fabs(x_0_hat) > 1;
          if (clip == Clip::on) x_0_hat = std::clamp(x_0_hat, -1.0, 1.0);
          const double gap = posterior_coefficients(s, t).x_0 * (x - x_0_hat);
          want += t > 1 ? gap * gap / (2 * variances[t]) : -log_level_probability(x, x_0_hat, variances[1]);
        }
        CHECK(near(bound.L[t - 1][b], want, 0, 50 * rounding));  // through x_t, x_0 hat and the mean
      }
    }
    CHECK(clipped > 20);  // of 72: the clip is no idle word
  }
}

TEST_CASE("L_T of images is that of their mean square; bits_per_dim divides by D ln 2") {
  const Schedule s = short_schedule();
  const Tensor x_0 = images();
  const PerImage term = prior_term(s, x_0);
  for (int b = 0; b < 3; ++b) {
    double squares = 0;
    for (int i = 4 * b; i < 4 * b + 4; ++i) squares += double(x_0.data()[i]) * x_0.data()[i];
    CHECK(near(bits_per_dim(term[b], 4), bits_per_dim(prior_nats_per_dim(s, squares / 4), 1), 0, 1e-12));
  }
  CHECK(near(bits_per_dim(std::numbers::ln2 * 12, 4), 3, 0, 1e-15));
}

TEST_CASE("sigma_t^2 for what divides by it: beta tilde_2 stands in at t = 1, and 0 is refused by name") {
  const Schedule s = make_schedule({});
  const std::vector<double> beta = reverse_variances(s, Variance::beta);
  const std::vector<double> posterior = reverse_variances(s, Variance::posterior);
  REQUIRE(posterior.size() == 1001);
  CHECK(beta == s.beta);
  CHECK(posterior[1] == posterior_variance(s, 2));
  CHECK(near(127.5 * std::sqrt(posterior[1]), 0.9415, 1e-4));  // in pixel values; digits of the number
  for (int t = 2; t <= s.T; ++t) CHECK(posterior[t] == posterior_variance(s, t));

  const Tensor x = images();
  const double unpatched = posterior_variance(s, 1);
  const std::string want = "the variance of a density must be positive, not 0: for sigma_t^2 = beta_tilde_t, "
                           "which is 0 at t = 1, use reverse_variances";
  CHECK(error_of([&] { step_loss_noise(s, 1, x, x, unpatched); }) == want);
  CHECK(error_of([&] { step_loss_posterior(s, 1, x, x, x, unpatched); }) == want);
  CHECK(error_of([&] { step_loss_reparametrized(s, 1, x, x, x, unpatched); }) == want);
  CHECK(error_of([&] { step_loss_target(s, 1, x, x, x, unpatched); }) == want);
  CHECK(error_of([&] { decoder_log_likelihood(x, x, unpatched); }) == want);
  CHECK(error_of([&] { reverse_log_density(s, 1, x, x, unpatched, x); }) == want);
  CHECK(contains(error_of([&] { step_term(s, 2, x, x, x, std::nan("")); }), "not nan"));
  CHECK(error_of([&] { posterior_log_density(s, 1, x, x, x); }).find("q(x_0 | x_1, x_0) is the point") == 0);
  CHECK(error_of([&] { reverse_variances(Schedule({0.5}), Variance::posterior); }).find("with T = 1") == 0);
  CHECK_NOTHROW(reverse_variances(Schedule({0.5}), Variance::beta));
  CHECK_THROWS_AS(step_term(s, 1, x, x, x, 1), std::logic_error);
  CHECK_THROWS_AS(path_bound(s, beta, affine, {x, x}), std::logic_error);
}

TEST_CASE("Eq. (3) and (5): what is wrong with x_0 or a variance is said before the network is called") {
  const Schedule s = short_schedule();
  int calls = 0;
  const NoisePredictor counted = [&](Tape& tape, const Tensor& x_t, const std::vector<int>& t) {
    return ++calls, affine(tape, x_t, t);
  };
  const Tensor x_0 = images(), off = linear_combination(0.5, x_0, 0, x_0);  // half a level is none
  const std::vector<double> good = reverse_variances(s, Variance::beta);
  const auto bound = [&](const std::vector<double>& variances, const Tensor& x) {
    return error_of([&] { variational_bound(s, variances, counted, x, {5, purpose_test, 0, 0}, Clip::on); });
  };
  const auto path = [&](const std::vector<double>& variances) {
    return error_of([&] { path_bound(s, variances, counted, std::vector<Tensor>(7, x_0)); });
  };
  CHECK(contains(bound(good, off), "is none of the 256 levels"));
  for (size_t t = 1; t < good.size(); ++t)
    for (double wrong : {0.0, -1.0, std::nan(""), double(INFINITY)}) {
      std::vector<double> variances = good;
      variances[t] = wrong;
      CHECK(bound(variances, x_0).find("the variance of a density must be positive") == 0);
      CHECK(path(variances).find("the variance of a density must be positive") == 0);
    }
  CHECK_THROWS_AS(bound({0.1, 0.1}, x_0), std::logic_error);
  CHECK(calls == 0);
  CHECK(bound(good, x_0) == "no error");
  CHECK(calls == 6);  // one for each t
  CHECK(path(good) == "no error");
  CHECK(calls == 12);
}

TEST_CASE("Eq. (3): a path's bound, image by image, is the sum of its logarithms") {
  const Schedule s = short_schedule();
  const std::vector<double> variances = reverse_variances(s, Variance::posterior);
  std::vector<Tensor> path{images()};
  for (int t = 1; t <= s.T; ++t) {
    const Tensor z = standard_normal(path[0].shape(), {5, purpose_test, uint32_t(t), 40});
    path.push_back(forward_step(s, t, path.back(), z));
  }
  const PerImage got = path_bound(s, variances, affine, path);
  const auto bell = [](double x, double mean, double variance) {
    return -0.5 * ((x - mean) * (x - mean) / variance + std::log(2 * std::numbers::pi * variance));
  };
  for (int b = 0; b < 3; ++b) {
    double want = 0;
    for (int i = 4 * b; i < 4 * b + 4; ++i) {
      want -= bell(path[s.T].data()[i], 0, 1);
      for (int t = 1; t <= s.T; ++t) {
        const double now = path[t].data()[i], before = path[t - 1].data()[i];
        const double eps = 0.4 * now + 0.1 * t, noise = s.beta[t] / std::sqrt(s.one_minus_alpha_bar[t]);
        want -= bell(before, (now - noise * eps) / std::sqrt(s.alpha[t]), variances[t]);
        want += bell(now, std::sqrt(s.alpha[t]) * before, s.beta[t]);
      }
    }
    CHECK(near(got[b], want, 20 * rounding, 20 * rounding));  // 52 terms of size 1 to 10
  }
}

}  // namespace ddpm::test
