// ddpm/schedule.cpp: the numbers of the paper's schedule, digits kept for tiny betas, the other schedules,
// and what is refused.
#include "ddpm/schedule.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "kernels/types.h"
#include "tests/support/near.h"
#include "tests/support/scratch.h"

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

// Returns the error of a schedule that is refused, "no error" if it is taken.
std::string refusal(const ScheduleConfig& config) {
  return error_of([&] { make_schedule(config); });
}

}  // namespace

TEST_CASE("schedule: numbers of the paper's schedule (Section 4)") {
  const Schedule s = paper();
  CHECK(s.T == 1000);
  CHECK(s.beta[1] == 1e-4);
  CHECK(s.beta[1000] == 0.02);
  CHECK(near(s.beta[2], 1.1991992e-4, 0, 1e-7));
  CHECK(near(s.alpha_bar[1], 0.9999, 0, 1e-15));
  CHECK(near(s.alpha_bar[500], 0.0785872429, 0, 1e-9));
  CHECK(near(s.alpha_bar[1000], 4.0358297654e-5, 0, 1e-10));
}

TEST_CASE("schedule: the tables run over t = 0..T, and at t = 0 there is no noise") {
  const Schedule s = paper();
  for (const auto* table : {&s.beta, &s.alpha, &s.alpha_bar, &s.one_minus_alpha_bar})
    CHECK(table->size() == 1001);
  CHECK(s.beta[0] == 0);
  CHECK(s.alpha[0] == 1);
  CHECK(s.alpha_bar[0] == 1);
  CHECK(s.one_minus_alpha_bar[0] == 0);
  for (int t : {-1, 0, 1001}) CHECK_THROWS_AS(s.ensure_time(t), std::logic_error);
}

TEST_CASE("schedule: alpha_bar and 1 - alpha_bar have ten digits for tiny and large betas") {
  for (double beta : {1e-30, 1e-18, 1e-12, 1e-6, 1e-3, 0.5, 0.99}) {
    const int T = 100;
    const Schedule s(std::vector<double>(T, beta));
    for (int t = 1; t <= T; ++t) {
      CHECK(near(s.alpha_bar[t], std::exp(t * std::log1p(-beta)), 0, 1e-10));
      CHECK(near(s.one_minus_alpha_bar[t], -std::expm1(t * std::log1p(-beta)), 0, 1e-10));
    }
  }
}

TEST_CASE("schedule: the kinds that files of diffusers name") {
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

TEST_CASE("schedule: an invalid configuration is refused with its values") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (int T : {-5, 0, 1000001}) CHECK(refusal(kind("linear", T)).starts_with(text("T = ", T)));
  CHECK(refusal(kind("linear", 1000000)) == "no error");
  CHECK(refusal(kind("cosine", 10)).starts_with("unknown schedule \"cosine\""));
  CHECK(refusal(ends(0.03, 0.02)).starts_with("beta_1 = 0.03, beta_T = 0.02"));
  for (const ScheduleConfig& bad :
       {ends(0, 0.02), ends(-1, 0.02), ends(1e-4, 1), ends(nan, 0.02), ends(1e-4, nan)})
    CHECK(contains(refusal(bad), "0 < beta_1 <= beta_T < 1 must hold"));
  ScheduleConfig list = kind("betas", 2);
  CHECK(refusal(list).starts_with("the list of betas has 0 entries, but T = 2"));
  for (double bad : {0.0, 1.0, -0.1, nan}) {
    list.betas = {0.1, bad};
    CHECK(refusal(list).starts_with("beta_2 = "));
  }
  CHECK_THROWS_AS(Schedule(std::vector<double>{}), Error);
}

}  // namespace ddpm::test
