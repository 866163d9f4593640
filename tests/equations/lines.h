// The bound in one dimension: a Setting (Gaussian data, a schedule, ε_θ, σ_t²)
// and a Path x_0, …, x_T in it, with the densities that appendix A's lines are
// made of. The densities come from the formulas under test.
// Checked by: tests/equations/appendix_a.cpp, tests/equations/bound.cpp.
#pragma once

#include <vector>

#include "tests/equations/formulas.h"
#include "tests/equations/oracles.h"

namespace equations {

struct Setting {
  const Formulas& f;
  Tables tables;
  Schedule schedule;                  // f's tables
  Normal data;                        // of x_0
  std::vector<double> slope, offset;  // ε_θ(x, t) = slope[t] x + offset[t]
  std::vector<double> variances;      // σ_t²

  // ε* of the data and σ_t² = β_t; both may be changed afterwards.
  Setting(const Formulas&, const std::vector<double>& betas, Normal data);

  double eps_theta(double x, int t) const { return slope[t] * x + offset[t]; }
  NoisePredictor predictor() const;
  Normal marginal(int t) const;  // of x_t, from the data and the tables
  // σ_t² = Var(x_{t−1} | x_t): the exact reverse process.
  void exact_variances();

  // The mean of Eq. (3) over all paths, in closed form, from the tables alone.
  double closed_bound() const;
  // The law of x_0 that the reverse process ends at, from the tables alone.
  Normal model() const;
  // μ_θ(x, t) = g x + h by Eq. (11), from the tables.
  struct Affine {
    double g, h;
  };
  Affine reverse_step(int t) const;
};

// x_0, …, x_T from standard normal z_0, …, z_T by Eq. (2), with the tables.
std::vector<double> path_from(const Setting&, const std::vector<double>& z);
// The mean of f.path_bound over all paths; with x_0 held if the data's variance is 0.
double expected_path_bound(const Setting&);

// One path, and log-densities along it.
struct Path {
  const Setting& in;
  std::vector<double> x;

  double p_T() const;               // log p(x_T)
  double p(int t) const;            // log p_θ(x_{t−1} | x_t)
  double q(int t) const;            // log q(x_t | x_{t−1})
  double q_0(int t) const;          // log q(x_t | x_0)
  double q_back_0(int t) const;     // log q(x_{t−1} | x_t, x_0)
  double q_marginal(int t) const;   // log q(x_t)
  double q_back(int t) const;       // log q(x_{t−1} | x_t)
  template <typename Term>
  double sum(int from, Term term) const {  // of term(t), t = from..T
    double total = 0;
    for (int t = from; t <= in.tables.T; ++t) total += term(t);
    return total;
  }
};

}  // namespace equations
