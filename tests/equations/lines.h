// The bound in one dimension: a Setting (Gaussian data, a schedule, ε_θ, σ_t²)
// and a Path x_0, …, x_T in it, with the densities that appendix A's lines are
// made of, and those lines. p_θ, q(x_t | x_{t−1}) and q given x_0 are ddpm/'s; what is
// not given x_0, q(x_t) and q(x_{t−1} | x_t), is Bayes' rule's, from the tables.
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
  std::vector<double> slope, offset;  // ε_θ(x, t) = slope[t] x + offset[t]
  std::vector<double> variances;      // σ_t²

  // ε* of the data and σ_t² = β_t; both may be changed afterwards.
  Setting(const std::vector<double>& betas, Normal data);

  double eps_theta(double x, int t) const { return slope[t] * x + offset[t]; }
  NoisePredictor predictor() const;
  double mu_theta(int t, double x_t) const;              // by ddpm/
  double log_p(int t, double x_t, double x_prev) const;  // log p_θ(x_{t−1} | x_t), by ddpm/

  // From the tables alone: the laws of the data's own chain,
  Normal marginal(int t) const;          // q(x_t)
  Normal back(int t, double x_t) const;  // q(x_{t−1} | x_t)
  double entropy() const;                // H(x_0)
  void exact_variances();                // sets σ_t² = Var(x_{t−1} | x_t): the exact reverse process
  // the mean of Eq. (3) over all paths in closed form, and the law of x_0 that the reverse
  // process ends at.
  double closed_bound() const;
  Normal model() const;
  // μ_θ(x, t) = g x + h by Eq. (11).
  struct Affine {
    double g, h;
  };
  Affine reverse_step(int t) const;
};

// x_0, …, x_T from standard normal z_0, …, z_T by Eq. (2), with the tables.
std::vector<double> path_from(const Setting&, const std::vector<double>& z);
// The mean of path_bound over all paths; with x_0 held if the data's variance is 0.
double expected_path_bound(const Setting&);

// One path, and log-densities along it.
struct Path {
  const Setting& in;
  std::vector<double> x;

  double p_T() const;                                                  // log p(x_T)
  double p(int t) const;                                               // log p_θ(x_{t−1} | x_t)
  double q(int t) const;                                               // log q(x_t | x_{t−1})
  double q_0(int t) const;                                             // log q(x_t | x_0)
  double q_back_0(int t) const;                                        // log q(x_{t−1} | x_t, x_0)
  double q_marginal(int t) const;                                      // log q(x_t)
  double q_back(int t) const;                                          // log q(x_{t−1} | x_t)
  double sum(int from, const std::function<double(int)>& term) const;  // of term(t), t = from..T
};

// Appendix A: a line that holds on every path is a function of a Path; the others,
// which are expectations, of a Setting.
double line_17(const Path&), line_18(const Path&), line_19(const Path&), line_20(const Path&);
double line_21(const Path&), line_23(const Path&), line_24(const Path&), line_25(const Path&);
double line_16(const Setting&), line_22(const Setting&), line_26(const Setting&);

}  // namespace ddpm::test::equations
