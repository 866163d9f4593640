// The variance schedule: the numbers of the paper, digits kept for tiny betas,
// and what is refused.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "ddpm/bound.h"
#include "ddpm/losses.h"
#include "ddpm/posterior.h"
#include "ddpm/reverse.h"
#include "ddpm/schedule.h"
#include "tests/support/near.h"

namespace ddpm::test {

namespace {

Schedule paper() { return make_schedule({}); }

ScheduleConfig kind(const char* name, int T) {
  ScheduleConfig config;
  config.kind = name;
  config.T = T;
  return config;
}

ScheduleConfig ends(double beta_1, double beta_T) {
  ScheduleConfig config;
  config.beta_1 = beta_1, config.beta_T = beta_T;
  return config;
}

// The sentence with which a schedule is refused, "" if it is taken.
std::string refusal(const ScheduleConfig& config) {
  try {
    make_schedule(config);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// KL(N(m, v) ‖ N(0, 1)) in nats: the integral of q log(q/p) as a sum.
double kl_by_integration(double m, double v) {
  const double step = 1e-3, sd = std::sqrt(v);
  double sum = 0;
  for (double x = m - 12 * sd; x < m + 12 * sd; x += step) {
    const double log_q = -0.5 * ((x - m) * (x - m) / v + std::log(2 * std::numbers::pi * v));
    const double log_p = -0.5 * (x * x + std::log(2 * std::numbers::pi));
    sum += std::exp(log_q) * (log_q - log_p) * step;
  }
  return sum;
}

}  // namespace

TEST_CASE("Section 4: the linear schedule's numbers") {
  const Schedule s = paper();
  CHECK(s.T == 1000);
  CHECK(s.beta[1] == 1e-4);
  CHECK(s.beta[1000] == 0.02);
  CHECK(near(s.beta[2], 1.1991992e-4, 0, 1e-7));
  CHECK(near(s.alpha_bar[1], 0.9999, 0, 1e-15));
  CHECK(near(s.alpha_bar[500], 0.0785872429, 0, 1e-9));
  CHECK(near(s.alpha_bar[1000], 4.0358297654e-5, 0, 1e-10));
}

TEST_CASE("the tables run over t = 0..T, and before the first step there is no noise") {
  const Schedule s = paper();
  for (const auto* table : {&s.beta, &s.alpha, &s.alpha_bar, &s.one_minus_alpha_bar})
    CHECK(table->size() == 1001);
  CHECK(s.beta[0] == 0);
  CHECK(s.alpha[0] == 1);
  CHECK(s.alpha_bar[0] == 1);
  CHECK(s.one_minus_alpha_bar[0] == 0);
  for (int t : {-1, 0, 1001}) {
    CHECK_THROWS_AS(posterior_variance(s, t), std::logic_error);
    CHECK_THROWS_AS(posterior_coefficients(s, t), std::logic_error);
    CHECK_THROWS_AS(loss_weight(s, t, s.beta[1]), std::logic_error);
  }
}

TEST_CASE("Eq. (7) and Eq. (12): the coefficients' numbers") {
  const Schedule s = paper();
  CHECK(posterior_variance(s, 1) == 0);
  CHECK(near(posterior_variance(s, 2), 5.4531877e-5, 0, 1e-7));
  CHECK(posterior_coefficients(s, 1).x_0 == 1);
  CHECK(posterior_coefficients(s, 1).x_t == 0);
  CHECK(near(loss_weight(s, 1, s.beta[1]), 0.50005, 0, 1e-5));
  CHECK(near(loss_weight(s, 2, s.beta[2]), 0.27269, 0, 1e-4));
  CHECK(near(loss_weight(s, 10, s.beta[10]), 0.073717, 0, 1e-5));
  CHECK(near(loss_weight(s, 1000, s.beta[1000]), 0.010204, 0, 1e-4));
}

TEST_CASE("Section 3.2: sigma_t, by both choices") {
  const Schedule s = paper();
  CHECK(near(sigma(s, 1, Variance::beta) * 127.5, 1.275, 0, 1e-12));  // in pixel values
  CHECK(near(sigma(s, 2, Variance::posterior) * 127.5, 0.9415, 0, 1e-4));
  CHECK(sigma(s, 1, Variance::posterior) == 0);
  for (int t = 2; t <= s.T; ++t) {
    CHECK(near(sigma(s, t, Variance::beta), std::sqrt(s.beta[t]), 0, 1e-15));
    CHECK(sigma(s, t, Variance::posterior) < sigma(s, t, Variance::beta));
  }
  CHECK_THROWS_AS(sigma(s, 0, Variance::beta), std::logic_error);
}

TEST_CASE("alpha_bar and 1 - alpha_bar keep ten digits for tiny and large betas") {
  for (double beta : {1e-30, 1e-18, 1e-12, 1e-6, 1e-3, 0.5, 0.99}) {
    const int T = 100;
    const Schedule s(std::vector<double>(T, beta));
    for (int t = 1; t <= T; ++t) {
      CHECK(near(s.alpha_bar[t], std::exp(t * std::log1p(-beta)), 0, 1e-10));
      CHECK(near(s.one_minus_alpha_bar[t], -std::expm1(t * std::log1p(-beta)), 0, 1e-10));
    }
  }
}

TEST_CASE("Eq. (5): L_T in bits per dimension") {
  const Schedule s = paper();
  CHECK(near(bits_per_dim(prior_nats_per_dim(s, 0.25), 1), 7.28e-6, 0.005e-6));
  CHECK(near(bits_per_dim(prior_nats_per_dim(s, 1), 1), 2.91e-5, 0.005e-5));
  for (int T : {1, 5, 50}) {  // little noise to much; a single x_0
    const Schedule fast(std::vector<double>(T, 0.1));
    const double signal = std::pow(0.9, T), x_0 = 0.7;
    const double nats = kl_by_integration(std::sqrt(signal) * x_0, 1 - signal);
    CHECK(near(bits_per_dim(prior_nats_per_dim(fast, x_0 * x_0), 1), nats / std::log(2.0), 1e-9));
  }
  // 1 - alpha_bar_T = 1e-12: the logarithm is that of the table's entry, which has all its digits.
  const double hardly_noised = prior_nats_per_dim(Schedule({1e-12}), 1);
  CHECK(near(hardly_noised, -std::log(1e-12) / 2, 0, 1e-10));
  // alpha_bar_T = 3e-18: only the term in x_0^2 is left.
  const Schedule forgetful(std::vector<double>(2000, 0.02));
  CHECK(near(bits_per_dim(prior_nats_per_dim(forgetful, 1), 1), std::pow(0.98, 2000) / 2 / std::log(2.0), 0,
             1e-9));
}

TEST_CASE("the schedules that diffusers' files name") {
  const Schedule quadratic = make_schedule(kind("scaled_linear", 1000));
  CHECK(near(quadratic.beta[1], 1e-4, 0, 1e-12));
  CHECK(near(quadratic.beta[1000], 0.02, 0, 1e-12));
  const double middle = 0.5 * (std::sqrt(quadratic.beta[500]) + std::sqrt(quadratic.beta[501]));
  CHECK(near(middle, 0.5 * (std::sqrt(1e-4) + std::sqrt(0.02)), 0, 1e-12));

  const double quarter = std::numbers::pi / 2;
  const auto f = [&](double t) { return std::pow(std::cos((t + 0.008) / 1.008 * quarter), 2); };
  const Schedule cosine = make_schedule(kind("squaredcos_cap_v2", 1000));
  for (int t = 1; t < 1000; ++t) CHECK(near(cosine.alpha_bar[t], f(t / 1000.0) / f(0), 0, 1e-9));
  CHECK(cosine.beta[1000] == 0.999);

  ScheduleConfig list = kind("betas", 3);
  list.betas = {0.1, 0.5, 0.2};
  CHECK(near(make_schedule(list).alpha_bar[3], 0.9 * 0.5 * 0.8, 0, 1e-15));
  CHECK(make_schedule(kind("linear", 1)).beta[1] == 1e-4);
  CHECK(make_schedule(ends(0.3, 0.3)).beta[500] == 0.3);
}

TEST_CASE("a schedule that cannot be is refused with its values") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (int T : {-5, 0, 1000001}) CHECK(refusal(kind("linear", T)).find(text("T = ", T)) == 0);
  CHECK(refusal(kind("linear", 1000000)) == "");
  CHECK(refusal(kind("cosine", 10)).find("unknown schedule \"cosine\"") == 0);
  CHECK(refusal(ends(0.03, 0.02)).find("beta_1 = 0.03, beta_T = 0.02") == 0);
  for (const ScheduleConfig& bad :
       {ends(0, 0.02), ends(-1, 0.02), ends(1e-4, 1), ends(nan, 0.02), ends(1e-4, nan)})
    CHECK(refusal(bad).find("0 < beta_1 <= beta_T < 1 must hold") != std::string::npos);
  ScheduleConfig list = kind("betas", 2);
  CHECK(refusal(list).find("the list of betas has 0 entries, but T = 2") == 0);
  for (double bad : {0.0, 1.0, -0.1, nan}) {
    list.betas = {0.1, bad};
    CHECK(refusal(list).find("beta_2 = ") == 0);
  }
  CHECK_THROWS_AS(Schedule(std::vector<double>{}), Error);
}

}  // namespace ddpm::test
