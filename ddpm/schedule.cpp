// The variance schedule: see schedule.h. Section 2 of the paper, the settings of Section 4, and two
// other schedules that diffusers' files may name.
#include "ddpm/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/types.h"

namespace ddpm {

Schedule::Schedule(const std::vector<double>& betas)
    : T(int(betas.size())), beta(T + 1), alpha(T + 1), alpha_bar(T + 1), one_minus_alpha_bar(T + 1) {
  if (T < 1) fail("a schedule needs at least one beta");
  beta[0] = 0, alpha[0] = 1, alpha_bar[0] = 1, one_minus_alpha_bar[0] = 0;
  for (int t = 1; t <= T; ++t) {
    beta[t] = betas[t - 1];
    if (!(0 < beta[t] && beta[t] < 1))
      fail("beta_", t, " = ", beta[t], ": every beta must lie between 0 and 1");
    // Section 2:  alpha_t = 1 - beta_t,  alpha_bar_t = alpha_1 alpha_2 ... alpha_t
    alpha[t] = 1 - beta[t];
    alpha_bar[t] = alpha_bar[t - 1] * alpha[t];
    // 1 - alpha_bar_t = (1 - alpha_bar_{t-1}) + alpha_bar_{t-1} beta_t adds positive terms only, so
    // no digits cancel while alpha_bar_t is close to 1.
    one_minus_alpha_bar[t] = one_minus_alpha_bar[t - 1] + alpha_bar[t - 1] * beta[t];
  }
}

void Schedule::ensure_time(int t) const { ENSURE(1 <= t && t <= T, "t = ", t, ", T = ", T); }

namespace {

// Returns T numbers in equal steps: `start` at t = 1, `end` at t = T.
std::vector<double> linear(int T, double start, double end) {
  std::vector<double> values(T);
  for (int t = 1; t <= T; ++t)
    values[t - 1] = T == 1 ? start : std::lerp(start, end, (t - 1) / double(T - 1));
  return values;
}

std::vector<double> squared(std::vector<double> values) {
  for (double& value : values) value *= value;
  return values;
}

// The cosine schedule: alpha_bar_t is proportional to cos^2(a_t), a_t = (t/T + 0.008)/1.008 pi/2. Hence
//   beta_t = 1 - cos^2(a_t) / cos^2(a_{t-1}) = sin(a_t - a_{t-1}) sin(a_t + a_{t-1}) / cos^2(a_{t-1}),
// capped at 0.999. The second form loses no digits to a subtraction.
std::vector<double> cosine_betas(int T) {
  const double offset = 0.008, per_step = std::numbers::pi / 2 / (1 + offset) / T;
  std::vector<double> betas(T);
  for (int t = 1; t <= T; ++t) {
    const double before = (t - 1 + offset * T) * per_step, after = (t + offset * T) * per_step;
    const double cosine = std::cos(before);
    betas[t - 1] = std::min(0.999, std::sin(per_step) * std::sin(before + after) / (cosine * cosine));
  }
  return betas;
}

}  // namespace

Schedule make_schedule(const ScheduleConfig& config) {
  const auto& [kind, T, beta_1, beta_T, betas] = config;
  if (!(1 <= T && T <= 1000000)) fail("T = ", T, ": the number of steps must be between 1 and 1000000");
  if (kind == "squaredcos_cap_v2") return Schedule(cosine_betas(T));
  if (kind == "betas") {
    if (betas.size() != size_t(T))
      fail("the list of betas has ", betas.size(), " entries, but T = ", T, ": make them equal");
    return Schedule(betas);
  }
  if (kind != "linear" && kind != "scaled_linear")
    fail("unknown schedule \"", kind, "\": use linear, scaled_linear, squaredcos_cap_v2 or betas");
  if (!(0 < beta_1 && beta_1 <= beta_T && beta_T < 1))
    fail("beta_1 = ", beta_1, ", beta_T = ", beta_T, ": 0 < beta_1 <= beta_T < 1 must hold");
  // Section 4:  beta_t linear from beta_1 = 10^-4 to beta_T = 0.02
  if (kind == "linear") return Schedule(linear(T, beta_1, beta_T));
  return Schedule(squared(linear(T, std::sqrt(beta_1), std::sqrt(beta_T))));
}

}  // namespace ddpm
