// The variance schedule: β_t and everything that follows from it (Section 2).
// Every table has entries 0..T in double: the paper's t = 1..T, and entry 0 for x_0
// itself (ᾱ_0 = 1). Checked by: tests/equations/posterior.cpp, tests/test_schedule.cpp.
#pragma once

#include <string>
#include <vector>

namespace ddpm {

struct Schedule {
  int T = 0;
  // Entries 1..T; entry 0 is β_0 = 0, α_0 = 1, ᾱ_0 = 1, 1 − ᾱ_0 = 0.
  std::vector<double> beta, alpha, alpha_bar, one_minus_alpha_bar;

  // From β_1..β_T, each in (0, 1). Throws Error otherwise.
  explicit Schedule(const std::vector<double>& betas);

  // The coefficients of one t in 1..T.
  double posterior_variance(int t) const;  // β̃_t of Eq. (7); 0 at t = 1
  double posterior_coef_x0(int t) const;   // of x_0 in Eq. (7)
  double posterior_coef_xt(int t) const;   // of x_t in Eq. (7)
  double loss_weight(int t) const;         // Eq. (12)'s weight with σ² = β_t

  // L_T of Eq. (5) in bits per dimension, for data whose mean square is
  // mean_square: KL(N(√ᾱ_T x_0, (1 − ᾱ_T) I) ‖ N(0, I)).
  double prior_bits_per_dim(double mean_square) const;

  // Our own code must give t in 1..T: throws std::logic_error otherwise.
  void ensure_time(int t) const;
};

// Where a schedule comes from: what the options and the scheduler file say.
struct ScheduleConfig {
  // "linear": the paper's. As diffusers names them: "scaled_linear" is linear
  // in √β, "squaredcos_cap_v2" the cosine schedule (Nichol and Dhariwal 2021),
  // which reads no betas; "betas" is the list below, of T entries.
  std::string kind = "linear";
  int T = 1000;
  double beta_1 = 1e-4, beta_T = 0.02;
  std::vector<double> betas = {};
};
// Throws Error if T is not in 1..1,000,000, or the kind is unknown, or the
// betas that it reads are wrong: 0 < beta_1 <= beta_T < 1 must hold.
Schedule make_schedule(const ScheduleConfig& config);

}  // namespace ddpm
