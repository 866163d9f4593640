// The equations of Sections 2 and 3, each against something other than itself:
// simulated chains, Bayes' rule on a grid, and data whose optimal ε* is known.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/forward.h"
#include "ddpm/gaussian.h"
#include "ddpm/losses.h"
#include "ddpm/posterior.h"
#include "ddpm/reverse.h"
#include "tests/support/near.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

constexpr bool in_double = sizeof(real) == 8;
constexpr double tolerance = in_double ? 1e-12 : 1e-5;

Tensor normal(const Shape& shape, uint32_t index) {
  return standard_normal(shape, {3, purpose_test, 1, index});
}

Tensor number(double x) { return Tensor::from({1, 1}, {real(x)}); }
double value(const Tensor& x) { return x.data()[0]; }

struct Moments {
  double mean, variance;
};
Moments moments(const Tensor& x) {
  double sum = 0, squares = 0;
  for (real v : x.values()) sum += v;
  const double mean = sum / x.size();
  for (real v : x.values()) squares += (v - mean) * (v - mean);
  return {mean, squares / x.size()};
}

// The density of N(mean, variance) up to a factor.
double bell(double x, double mean, double variance) {
  return std::exp(-(x - mean) * (x - mean) / (2 * variance));
}

// Bayes' rule in one dimension: x_{t−1} ~ N(prior.mean, prior.variance) and
// x_t ~ N(√α x_{t−1}, β) is observed. The moments of x_{t−1} by sums over a grid.
Moments bayes(Moments prior, double alpha, double beta, double x_t) {
  const int n = 40000;
  const double centre = x_t / std::sqrt(alpha), reach = 14 * std::sqrt(beta / alpha);
  double mass = 0, first = 0, second = 0;
  for (int i = 0; i <= n; ++i) {
    const double x = centre + reach * (2.0 * i / n - 1);
    const double p = bell(x, prior.mean, prior.variance) * bell(x_t, std::sqrt(alpha) * x, beta);
    mass += p, first += p * x, second += p * x * x;
  }
  const double mean = first / mass;
  return {mean, second / mass - mean * mean};
}

}  // namespace

TEST_CASE("Eq. (4): the noised image has the mean and the variance of Eq. (2)'s chain") {
  const Schedule s = make_schedule({.T = 20, .beta_1 = 0.01, .beta_T = 0.2});
  const int n = 40000;
  const Tensor x_0 = Tensor::from({1, n}, std::vector<real>(n, real(0.8)));
  Tensor chain = x_0;
  for (int t = 1; t <= s.T; ++t) {
    // Eq. (2):  x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) z
    chain = linear_combination(std::sqrt(1 - s.beta[t]), chain, std::sqrt(s.beta[t]), normal({1, n}, t));
    const Moments direct = moments(q_sample(s, {t}, x_0, normal({1, n}, 100 + t)));
    const Moments step_by_step = moments(chain);
    // Five standard errors of the difference of two means and of two variances.
    const double v = s.one_minus_alpha_bar[t];
    CHECK(near(direct.mean, step_by_step.mean, 5 * std::sqrt(2 * v / n)));
    CHECK(near(direct.variance, step_by_step.variance, 5 * v * std::sqrt(4.0 / n)));
  }
}

TEST_CASE("Eq. (4): each image has its own t, and t = 1..T alone is taken") {
  const Schedule s = make_schedule({});
  const Tensor x_0 = normal({3, 2, 2, 1}, 1), eps = normal({3, 2, 2, 1}, 2);
  const std::vector<int> t = {1, 1000, 500};
  const Tensor x_t = q_sample(s, t, x_0, eps);
  for (int b = 0; b < 3; ++b)
    for (int i = 4 * b; i < 4 * b + 4; ++i) {
      const double a = s.alpha_bar[t[b]];
      const double want = std::sqrt(a) * x_0.data()[i] + std::sqrt(1 - a) * eps.data()[i];
      CHECK(near(x_t.data()[i], want, tolerance));
    }
  CHECK_THROWS_AS(q_sample(s, {1, 0, 1}, x_0, eps), std::logic_error);
  CHECK_THROWS_AS(q_sample(s, {1, 1001, 1}, x_0, eps), std::logic_error);
  CHECK_THROWS_AS(q_sample(s, {1, 1}, x_0, eps), std::logic_error);
}

TEST_CASE("Eq. (7): the posterior's mean and variance are those of Bayes' rule") {
  const Schedule s = make_schedule({});
  for (int t : {2, 3, 10, 100, 500, 1000})
    for (double x_0 : {-1.0, 0.3}) {
      const double x_t = std::sqrt(s.alpha_bar[t]) * x_0 + 0.8 * std::sqrt(s.one_minus_alpha_bar[t]);
      const Moments prior{std::sqrt(s.alpha_bar[t - 1]) * x_0, s.one_minus_alpha_bar[t - 1]};
      const Moments want = bayes(prior, s.alpha[t], s.beta[t], x_t);
      const double mean = value(posterior_mean(s, t, number(x_0), number(x_t)));
      CHECK(near(mean, want.mean, in_double ? 1e-9 : 1e-6));
      CHECK(near(posterior_variance(s, t), want.variance, 0, 1e-6));
    }
  CHECK(value(posterior_mean(s, 1, number(0.3), number(9))) == real(0.3));  // x_1 says nothing more
}

TEST_CASE("Section 3.2: sigma_t^2 = beta_t is exact for x_0 ~ N(0, 1), beta_tilde_t for one point") {
  const Schedule s = make_schedule({});
  for (int t : {2, 10, 500, 1000}) {
    const Moments unit = bayes({0, 1}, s.alpha[t], s.beta[t], 0.4);
    const double noise = s.one_minus_alpha_bar[t - 1];
    const Moments point = bayes({0, noise}, s.alpha[t], s.beta[t], 0.4 * std::sqrt(noise));
    CHECK(near(std::pow(sigma(s, t, Variance::beta), 2), unit.variance, 0, 1e-6));
    CHECK(near(std::pow(sigma(s, t, Variance::posterior), 2), point.variance, 0, 1e-6));
  }
}

TEST_CASE("Eq. (11): its two forms agree for every t without the clip") {
  const Schedule s = make_schedule({});
  const Tensor x_t = normal({2, 3, 3, 1}, 1), eps = normal({2, 3, 3, 1}, 2);
  for (int t = 1; t <= s.T; ++t) {
    const Tensor first = posterior_mean(s, t, predict_x0(s, t, x_t, eps), x_t);
    const Tensor second = reverse_mean(s, t, x_t, eps);
    CHECK(mismatch(second.data(), first.data(), first.size(), tolerance) == "");
  }
}

TEST_CASE("the clip of Eq. (15) changes the mean where x_0 hat leaves [-1, 1], and only there") {
  const Schedule s = make_schedule({});
  for (int t : {1, 2, 10, 500, 1000}) {
    const Tensor x_0 = Tensor::from({1, 4}, {real(-3), real(-0.5), real(0.9), real(1.5)});
    const double clipped[4] = {-1, -0.5, real(0.9), 1};
    const Tensor eps = normal({1, 4}, 5);
    const Tensor x_t = q_sample(s, {t}, x_0, eps);
    const Tensor mean = posterior_mean(s, t, clipped_x0(s, t, x_t, eps), x_t),
                 free = reverse_mean(s, t, x_t, eps);
    for (int i = 0; i < 4; ++i) {
      const double want =
          posterior_coefficients(s, t).x_0 * clipped[i] + posterior_coefficients(s, t).x_t * x_t.data()[i];
      CHECK(near(mean.data()[i], want, tolerance));
      if (i == 1 || i == 2) CHECK(near(mean.data()[i], free.data()[i], tolerance));
      if (i == 0) CHECK(mean.data()[i] - free.data()[i] > 1.9 * posterior_coefficients(s, t).x_0);
    }
  }
}

TEST_CASE("Eq. (15) inverts Eq. (4) for every t") {
  const Schedule s = make_schedule({});
  const Tensor x_0 = normal({2, 3, 3, 1}, 1), eps = normal({2, 3, 3, 1}, 2);
  for (int t = 1; t <= s.T; ++t) {
    const Tensor back = predict_x0(s, t, q_sample(s, {t, t}, x_0, eps), eps);
    const double amplified = tolerance / std::sqrt(s.alpha_bar[t]);  // up to 157 times
    CHECK(mismatch(back.data(), x_0.data(), x_0.size(), amplified) == "");
  }
}

TEST_CASE("Eq. (15) is refused where nothing of x_0 is left") {
  const Schedule s(std::vector<double>(100, 0.99));  // sqrt(alpha_bar_100) = 1e-100
  const Tensor x = normal({1, 4}, 1);
  CHECK_NOTHROW(clipped_x0(s, 29, x, x));  // sqrt(alpha_bar_29) = 1e-29
  CHECK_THROWS_AS(clipped_x0(s, 31, x, x), Error);
  CHECK_THROWS_AS(clipped_x0(s, 100, x, x), Error);
  CHECK_THROWS_AS(step_loss_reparametrized(s, 100, x, x, x, 1), Error);
  CHECK_NOTHROW(reverse_mean(s, 100, x, x));
}

TEST_CASE("Eq. (12) is Eq. (8) with Eq. (11): the weight times the error in eps") {
  const Schedule s = make_schedule({});
  const Tensor x_0 = number(0.4), eps = number(-0.7), eps_theta = number(1.1);
  for (int t : {1, 2, 10, 500, 1000}) {
    const Tensor x_t = q_sample(s, {t}, x_0, eps);
    // Eq. (8):  L_{t-1} = || mu_tilde_t(x_t, x_0) - mu_theta(x_t, t) ||^2 / (2 sigma_t^2)
    const Tensor mu_tilde = posterior_mean(s, t, x_0, x_t);
    const Tensor mu_theta = reverse_mean(s, t, x_t, eps_theta);
    const double difference = value(mu_tilde) - value(mu_theta);
    const double bound = difference * difference / (2 * s.beta[t]);
    CHECK(near(loss_weight(s, t, s.beta[t]) * 1.8 * 1.8, bound, 0, in_double ? 1e-10 : 1e-3));
  }
}

TEST_CASE("Algorithm 2 with the exact eps of Gaussian data ends with the known mean and variance") {
  struct Row {
    double mean, variance;   // of the data
    double beta, posterior;  // the final variance with σ² = β_t and with β̃_t
  };
  const Schedule s = make_schedule({});
  for (const Row& row : {Row{-0.5, 0.01, 0.0101537, 0.0092759}, Row{0, 0.25, 0.2507521, 0.2461252},
                         Row{0, 1, 0.9999000, 0.9910674}})
    for (const Variance choice : {Variance::beta, Variance::posterior}) {
      double mean = 0, variance = 1;  // of x_T
      for (int t = s.T; t >= 1; --t) {
        // eps*(x) = sqrt(1 - alpha_bar_t) (x - E x_t) / Var x_t, so that line 4 is
        // affine in x: two points show it all.
        const double a = s.alpha_bar[t], noise = std::sqrt(1 - a), total = a * row.variance + 1 - a;
        const double centre = std::sqrt(a) * row.mean;
        const Tensor x = Tensor::from({2, 1}, {0, 1});
        const double at_zero = -noise * centre / total, at_one = noise * (1 - centre) / total;
        const Tensor eps = Tensor::from({2, 1}, {real(at_zero), real(at_one)});
        const Tensor y = reverse_mean(s, t, x, eps);
        const double offset = y.data()[0], slope = y.data()[1] - offset;
        mean = offset + slope * mean;
        variance = slope * slope * variance + (t > 1 ? std::pow(sigma(s, t, choice), 2) : 0);
      }
      CHECK(near(mean, row.mean, in_double ? 1e-4 : 2e-4));
      const double want = choice == Variance::beta ? row.beta : row.posterior;
      CHECK(near(variance, want, in_double ? 1e-7 : 1e-5, in_double ? 0 : 1e-4));
    }
}

TEST_CASE("the network gets t - 1") {
  Unet network(small_config());
  network.parameters().initialize(1);
  perturb(network.parameters());
  Tape tape(Tape::off);
  const Tensor x = normal({2, 8, 8, 1}, 1);
  const Tensor got = noise_predictor(network)(tape, x, {1, 1000});
  const Tensor want = network(tape, x, Tensor::from({2}, {0, 999}));
  CHECK(got.values() == want.values());
}

TEST_CASE("Eq. (14): the mean square of eps - eps_theta(x_t, t), image by image") {
  Unet network(small_config());
  network.parameters().initialize(1);
  const Schedule s = make_schedule({});
  const Tensor x_0 = normal({3, 8, 8, 1}, 1), eps = normal({3, 8, 8, 1}, 2);
  const std::vector<int> t = {1, 300, 1000};
  Tape tape(Tape::off);
  // A fresh network answers about 0: its first loss is the mean square of eps, about 1.
  const Tensor x_t = q_sample(s, t, x_0, eps);
  const NoisePredictor eps_theta = noise_predictor(network);
  const Losses first = simple_loss(tape, eps_theta, s, x_0, x_t, t, eps);
  CHECK(near(first.values.sum() / 3, moments(eps).variance, 0.05));

  perturb(network.parameters());
  const Losses losses = simple_loss(tape, eps_theta, s, x_0, x_t, t, eps);
  const Tensor answer = eps_theta(tape, x_t, t);
  REQUIRE(losses.values.size() == 3);
  REQUIRE(losses.on_tape.shape() == Shape{3});
  for (int b = 0; b < 3; ++b) {
    double sum = 0;
    for (int i = 64 * b; i < 64 * b + 64; ++i) sum += std::pow(double(eps.data()[i]) - answer.data()[i], 2);
    CHECK(near(losses.values[b], sum / 64, 0, tolerance));
    CHECK(losses.on_tape.data()[b] == real(losses.values[b]));
  }
}

}  // namespace ddpm::test
