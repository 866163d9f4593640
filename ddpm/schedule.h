// The variance schedule of Section 2: beta_t and the tables computed from it.
// Tables are in double and have entries 0..T: the paper's t = 1..T, and entry 0 for x_0
// (alpha_bar_0 = 1).
// Checked by: tests/equations/posterior.cpp, tests/ddpm/test_schedule.cpp.
#pragma once

#include <string>
#include <vector>

namespace ddpm {

struct Schedule {
  int T = 0;
  // Entries 0..T. Entry 0: beta = 0, alpha = 1, alpha_bar = 1, one_minus_alpha_bar = 0.
  std::vector<double> beta, alpha, alpha_bar, one_minus_alpha_bar;

  // Section 2: computes the tables from beta_1..beta_T. Throws Error unless each is in (0, 1).
  explicit Schedule(const std::vector<double>& betas);

  // Throws std::logic_error unless t is in 1..T.
  void ensure_time(int t) const;
};

// The settings that define a schedule.
struct ScheduleConfig {
  // "linear" is the paper's (Section 4). "scaled_linear" is linear in sqrt(beta). "squaredcos_cap_v2"
  // is the cosine schedule (Nichol and Dhariwal 2021), which ignores all betas. These are diffusers'
  // names. "betas" is the list below, of T entries.
  std::string kind = "linear";
  int T = 1000;
  double beta_1 = 1e-4, beta_T = 0.02;
  std::vector<double> betas = {};
};
// Makes the schedule. Throws Error if T is not in 1..1,000,000 or the kind is unknown; for the linear
// kinds unless 0 < beta_1 <= beta_T < 1; for "betas" unless the list has T entries, each in (0, 1).
// To add a kind: add a branch to this function, and the name to the option `kind` of
// ddpm/cli/shared.cpp and, if diffusers has the kind, to ddpm/diffusers/scheduler.cpp.
Schedule make_schedule(const ScheduleConfig& config);

}  // namespace ddpm
