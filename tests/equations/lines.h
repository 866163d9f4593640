// Appendix A and Eq. (16) as functions, for data in one dimension: a Setting (normal data, schedule,
// eps_theta, sigma_t^2), a Path x_0, ..., x_T with the log-densities along it, and the lines of the
// derivations, made of these. p_theta, q(x_t | x_{t-1}) and the densities given x_0 are computed by ddpm/;
// q(x_t) and q(x_{t-1} | x_t) from the tables, by Bayes' rule.
// Checked by: tests/equations/appendix_a.cpp, tests/equations/bound.cpp.
#pragma once

#include <functional>
#include <vector>

#include "ddpm/losses.h"
#include "tests/equations/oracles.h"

namespace ddpm::test::equations {

struct Setting {
  Tables tables;
  Schedule schedule;
  Normal data;                        // of x_0
  std::vector<double> slope, offset;  // eps_theta(x, t) = slope[t] x + offset[t]
  std::vector<double> variances;      // sigma_t^2

  // Starts with eps* of the data and sigma_t^2 = beta_t. Both may be changed.
  Setting(const std::vector<double>& betas, Normal data);

  double eps_theta(double x, int t) const { return slope[t] * x + offset[t]; }
  NoisePredictor predictor() const;
  double mu_theta(int t, double x_t) const;              // by ddpm/
  double log_p(int t, double x_t, double x_prev) const;  // log p_theta(x_{t-1} | x_t), by ddpm/

  // Computed from the tables alone:
  Normal marginal(int t) const;          // q(x_t)
  Normal back(int t, double x_t) const;  // q(x_{t-1} | x_t)
  double entropy() const;                // H(x_0)
  void exact_variances();                // sets sigma_t^2 = Var(x_{t-1} | x_t)
  double closed_bound() const;           // the mean of Eq. (3) over all paths
  Normal model() const;                  // p_theta(x_0)
  // mu_theta(x, t) = g x + h by Eq. (11).
  struct Affine {
    double g, h;
  };
  Affine reverse_step(int t) const;
};

// Returns x_0, ..., x_T by Eq. (2), from the tables and standard normal z_0, ..., z_T.
std::vector<double> path_from(const Setting&, const std::vector<double>& z);
// Returns the mean of path_bound over all paths.
double expected_path_bound(const Setting&);

// One path, and the log-densities along it.
struct Path {
  const Setting& in;
  std::vector<double> x;

  double p_T() const;                                                  // log p(x_T)
  double p(int t) const;                                               // log p_theta(x_{t-1} | x_t)
  double q(int t) const;                                               // log q(x_t | x_{t-1})
  double q_0(int t) const;                                             // log q(x_t | x_0)
  double q_back_0(int t) const;                                        // log q(x_{t-1} | x_t, x_0)
  double q_marginal(int t) const;                                      // log q(x_t)
  double q_back(int t) const;                                          // log q(x_{t-1} | x_t)
  double sum(int from, const std::function<double(int)>& term) const;  // of term(t) over t = from..T
};

// The lines of appendix A. Those inside of E_q[...] are functions of a Path, expectations are functions of a
// Setting.
double line_17(const Path&), line_18(const Path&), line_19(const Path&), line_20(const Path&);
double line_21(const Path&), line_23(const Path&), line_24(const Path&), line_25(const Path&);
double line_16(const Setting&), line_22(const Setting&), line_26(const Setting&);

}  // namespace ddpm::test::equations
