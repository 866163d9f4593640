// Section 3.2's connection to score matching, on a mixture in one dimension (tests/support/worlds.h):
// Langevin dynamics driven by eps* draws from the data, and denoising score matching has the gradient of
// Eq. (14). Seeds are fixed; the levels are those of a fresh seed. The code: ddpm/losses.cpp.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/forward.h"
#include "ddpm/gaussian.h"
#include "tensor/ops.h"
#include "tensor/random.h"
#include "tests/support/law.h"
#include "tests/support/near.h"
#include "tests/support/point_network.h"
#include "tests/support/statistics.h"
#include "tests/support/tiny.h"
#include "tests/support/worlds.h"

namespace ddpm::test {

namespace {

const Schedule schedule = make_schedule({.T = 25, .beta_1 = 0.02, .beta_T = 0.3});

// Annealed Langevin dynamics (Song and Ermon 2019): starts from N(0, 1) and makes `steps` steps
//   x <- x + eta/2 score + sqrt(eta) z,  score = -eps* / sqrt(1 - alpha_bar_t),  z ~ N(0, 1)
// at each noise level t = T..1, with eta = size (1 - alpha_bar_t).
struct Langevin {
  double size;
  int steps;
};

std::vector<real> draw_by(const Langevin& dynamics, const NoisePredictor& eps_theta, int n) {
  Tape tape(Tape::off);
  Tensor x = standard_normal({1, n}, {5, purpose_test, 0, 0});
  uint32_t draws = 0;
  for (int t = schedule.T; t >= 1; --t)
    for (int k = 0; k < dynamics.steps; ++k) {
      const double level = schedule.one_minus_alpha_bar[t], eta = dynamics.size * level;
      const Tensor drift = linear_combination(1, x, -eta / 2 / std::sqrt(level), eps_theta(tape, x, {t}));
      x = linear_combination(1, drift, std::sqrt(eta),
                             standard_normal({1, n}, {5, purpose_test, ++draws, 0}));
    }
  return x.values();
}

// Returns the exact distribution of draw_by's numbers, with eps* of the data.
Distribution law_by(const Langevin& dynamics, const World& data) {
  Law law = law_of(-7.5, 7.5, 0.04, [](double x) { return std::exp(normal_log_density(x, 0, 1)); });
  for (int t = schedule.T; t >= 1; --t) {
    const World q = noised(data, schedule, t);
    const double eta = dynamics.size * schedule.one_minus_alpha_bar[t];
    for (int k = 0; k < dynamics.steps; ++k)
      law = moved(
          law,
          [&](double x) {
            return x + eta / 2 * q.score({x, 0})[0];
          },
          std::sqrt(eta));
  }
  return distribution(law, [](double x) { return x; });
}

// Returns the largest |F - F_q| for q(x_1), the data with a little noise: 1 - alpha_bar_1 = 0.02.
double distance_to_data(const Distribution& F) {
  const World q = noised(lopsided, schedule, 1);
  return distance(F, [&](double x) { return q.cdf(x); });
}

// A predictor with three coefficients, and its derivative with respect to coefficient i.
double eps_theta(double x) { return 0.1 + 0.7 * x - 0.4 * std::tanh(x); }
double derivative(int i, double x) { return i == 0 ? 1 : i == 1 ? x : std::tanh(x); }

// Returns E[f(x_0, eps)], an integral over the data and the noise.
double over_data_and_noise(const std::function<double(double, double)>& f) {
  return expectation(lopsided, [&](const Point& x_0) {
    return expectation(gaussian(0, 1), [&](const Point& eps) { return f(x_0[0], eps[0]); });
  });
}

// Returns all gradients in one row, and clears them.
std::vector<double> take_gradients(Parameters& parameters) {
  std::vector<double> all;
  for (const Parameter& p : parameters.all()) {
    const std::vector<real> gradient = p.value.gradient().values();
    all.insert(all.end(), gradient.begin(), gradient.end());
  }
  parameters.clear_gradients();
  return all;
}

}  // namespace

TEST_CASE("score matching: Langevin dynamics driven by eps* draws from the data") {
  // With finitely many steps the exact distribution differs from the data's. The sample is compared with the
  // former, at level 0.1 %.
  const Langevin quick{0.4, 10}, slow{0.2, 60};
  const Distribution law = law_by(quick, lopsided);
  CHECK(near(law.probability.back(), 1, 1e-9));  // the grid is wide enough
  CHECK(kolmogorov(draw_by(quick, exact_noise(lopsided, schedule), 4000), law) < kolmogorov_level_0_001);
  // With more and smaller steps, the exact distribution approaches the data's.
  const double gap = distance_to_data(law), finer = distance_to_data(law_by(slow, lopsided));
  CHECK(gap < 0.05);
  CHECK(finer < gap / 2);
  MESSAGE("annealed Langevin dynamics: largest |F - F_q| is ", gap, " after 10 steps a level, ", finer,
          " after 60 of half the size");
  // The test can fail: exchanging the weights of the two humps moves F by 0.4, nine times the distance that
  // 1800 draws allow.
  World other = lopsided;
  std::swap(other.components[0].weight, other.components[1].weight);
  CHECK(kolmogorov(draw_by(quick, exact_noise(other, schedule), 1800), law) > kolmogorov_level_0_001);
}

TEST_CASE("score matching: explicit and denoising score matching have the gradient of Eq. (14)") {
  for (int t : {3, 12, 25})
    for (int i = 0; i < 3; ++i) {
      const double a = schedule.alpha_bar[t], noise = std::sqrt(1 - a);
      // Eq. (14):  grad E || eps - eps_theta(x_t, t) ||^2
      const double simple = over_data_and_noise([&](double x_0, double eps) {
        const double x_t = std::sqrt(a) * x_0 + noise * eps;
        return 2 * (eps_theta(x_t) - eps) * derivative(i, x_t);
      });
      // With s_theta = -eps_theta / sqrt(1 - alpha_bar_t) and the weight 1 - alpha_bar_t:
      // denoising score matching,  grad E || s_theta - grad log q(x_t|x_0) ||^2
      const double denoising = over_data_and_noise([&](double x_0, double eps) {
        const double x_t = std::sqrt(a) * x_0 + noise * eps;
        const double score = -(x_t - std::sqrt(a) * x_0) / (1 - a);
        return (1 - a) * 2 * (-eps_theta(x_t) / noise - score) * -derivative(i, x_t) / noise;
      });
      // and explicit score matching,  grad E || s_theta - grad log q(x_t) ||^2
      const World q = noised(lopsided, schedule, t);
      const double explicitly = expectation(q, [&](const Point& x) {
        return (1 - a) * 2 * (-eps_theta(x[0]) / noise - q.score(x)[0]) * -derivative(i, x[0]) / noise;
      });
      CHECK(std::fabs(simple) > 0.01);         // the gradient is not 0
      CHECK(near(denoising, simple, 1e-12));   // rounding of the sums
      CHECK(near(explicitly, simple, 1e-10));  // each of the two integrals has ten digits
    }
}

TEST_CASE("score matching: on the tape, denoising score matching has the gradient of simple_loss") {
  const int B = 32;
  const Tensor x_0 = draw(lopsided, {B, 1}, {6, purpose_test, 0, 0});
  const Tensor eps = standard_normal({B, 1}, {6, purpose_test, 1, 0});
  PointNetwork network;
  perturb(network.parameters);
  for (int t : {1, 12, 25}) {
    const double a = schedule.alpha_bar[t], variance = 1 - a;
    const std::vector<int> times(B, t);
    Tape tape;
    const Tensor x_t = q_sample(schedule, times, x_0, eps);
    tape.backward(mean(tape, simple_loss(tape, network.predictor(), schedule, x_0, x_t, times, eps).on_tape));
    const std::vector<double> simple = take_gradients(network.parameters);

    const Tensor score =
        linear_combination(-1 / variance, x_t, std::sqrt(a) / variance, x_0);  // of q(x_t|x_0)
    const Tensor to_score = Tensor::from({1, 1}, {real(-1 / std::sqrt(variance))});
    const Tensor s_theta = matmul(tape, network(tape, x_t, times), to_score, Tensor::zeros({1}));
    tape.backward(mean(tape, mean_squared_error(tape, s_theta, score)));
    std::vector<double> matching = take_gradients(network.parameters);
    for (double& g : matching) g *= variance;
    // Rounding. At t = 1 the two terms of the score are 7 times larger than the score.
    const double tolerance = sizeof(real) == 8 ? 1e-12 : 1e-4;
    CHECK(mismatch(matching.data(), simple.data(), simple.size(), tolerance) == "");
  }
}

}  // namespace ddpm::test
