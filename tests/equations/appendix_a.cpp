// Appendix A, Eq. (17)–(22) and (23)–(26): the derivations of Eq. (5) and (16), line
// by line (the lines themselves: lines.cpp). What stands within E_q[…] is equal on
// every single path from one line to the next, but for the last of each derivation.
#include "tests/equations/lines.h"
#include "tests/equations/registry.h"

namespace ddpm::test::equations {

namespace {

// A few steps and an ε_θ and σ_t² that are not the best.
Setting setting() {
  Setting in(short_betas(), {0.3, 0.7});
  for (int t = 1; t <= in.tables.T; ++t) in.slope[t] += 0.3 * some_number(t, -1), in.variances[t] *= 1.4;
  return in;
}

// −log p_θ(x_{0:T}) / q(x_{1:T} | x_0) from the tables alone.
double want_of(const Setting& in, const std::vector<double>& x) {
  double want = -log_bell(x[in.tables.T], 0, 1);
  for (int t = 1; t <= in.tables.T; ++t) {
    const auto [g, h] = in.reverse_step(t);
    want += log_bell(x[t], std::sqrt(in.tables.alpha[t]) * x[t - 1], in.tables.beta[t]);
    want -= log_bell(x[t - 1], g * x[t] + h, in.variances[t]);
  }
  return want;
}

// The line on 20 paths, likely and unlikely ones: sums of 20 terms, 1e-15 each.
Worst on_paths(double (*line)(const Path&)) {
  const Setting in = setting();
  Worst worst;
  for (int name = 0; name < 20; ++name) {
    std::vector<double> x;
    for (int t = 0; t <= in.tables.T; ++t) x.push_back(some_number(t, name));
    const double want = want_of(in, x);
    worst.near(line(Path{in, x}), want, 1e-12 * (1 + std::fabs(want)), "path no. ", name);
  }
  return worst;
}

// The line as an expectation, against the mean of the first line over all paths.
Worst in_expectation(double (*line)(const Setting&)) {
  const Setting in = setting();
  const double want = expectation(
      in.tables.T + 1, [&](const std::vector<double>& z) { return want_of(in, path_from(in, z)); });
  Worst worst;
  worst.near(line(in), want, 1e-12 * (1 + std::fabs(want)), "the mean over all paths");  // rounding
  return worst;
}

}  // namespace

// Eq. (17):  L = E_q[ −log p_θ(x_{0:T}) / q(x_{1:T} | x_0) ]
EQUATION(17, "the bound, as it is defined", "the densities multiplied out, path by path") {
  return on_paths(line_17);
}

// Eq. (18):  = E_q[ −log p(x_T) − Σ_{t≥1} log p_θ(x_{t−1} | x_t) / q(x_t | x_{t−1}) ]
EQUATION(18, "the products are sums of logarithms", "the densities multiplied out, path by path") {
  return on_paths(line_18);
}

// Eq. (19):  = E_q[ −log p(x_T) − Σ_{t>1} log p_θ(x_{t−1} | x_t) / q(x_t | x_{t−1})
//              − log p_θ(x_0 | x_1) / q(x_1 | x_0) ]
EQUATION(19, "t = 1 is set apart", "the densities multiplied out, path by path") { return on_paths(line_19); }

// Eq. (20):  = E_q[ −log p(x_T)
//              − Σ_{t>1} log (p_θ(x_{t−1} | x_t) / q(x_{t−1} | x_t, x_0) · q(x_{t−1} | x_0) / q(x_t | x_0))
//              − log p_θ(x_0 | x_1) / q(x_1 | x_0) ]
EQUATION(20, "Bayes' rule given x_0 turns the forward steps round",
         "the densities multiplied out, path by path") {
  return on_paths(line_20);
}

// Eq. (21):  = E_q[ −log p(x_T) / q(x_T | x_0) − Σ_{t>1} log p_θ(x_{t−1} | x_t) / q(x_{t−1} | x_t, x_0)
//              − log p_θ(x_0 | x_1) ]
EQUATION(21, "the marginals given x_0 cancel in the sum", "the densities multiplied out, path by path") {
  return on_paths(line_21);
}

// Eq. (22):  = E_q[ KL(q(x_T | x_0) ‖ p(x_T)) + Σ_{t>1} KL(q(x_{t−1} | x_t, x_0) ‖ p_θ(x_{t−1} | x_t))
//              − log p_θ(x_0 | x_1) ]
EQUATION(22, "the expectations are KL divergences: Eq. (5)", "the mean of Eq. (17) over all paths") {
  return in_expectation(line_22);
}

// Eq. (23):  L = E_q[ −log p(x_T) − Σ_{t≥1} log p_θ(x_{t−1} | x_t) / q(x_t | x_{t−1}) ]
EQUATION(23, "Eq. (18) again, to be taken another way", "the densities multiplied out, path by path") {
  return on_paths(line_23);
}

// Eq. (24):  = E_q[ −log p(x_T)
//              − Σ_{t≥1} log (p_θ(x_{t−1} | x_t) / q(x_{t−1} | x_t) · q(x_{t−1}) / q(x_t)) ]
EQUATION(24, "Bayes' rule with the marginals turns the forward steps round",
         "the densities multiplied out, path by path") {
  return on_paths(line_24);
}

// Eq. (25):  = E_q[ −log p(x_T) / q(x_T) − Σ_{t≥1} log p_θ(x_{t−1} | x_t) / q(x_{t−1} | x_t)
//              − log q(x_0) ]
EQUATION(25, "the marginals cancel in the sum", "the densities multiplied out, path by path") {
  return on_paths(line_25);
}

// Eq. (26):  = KL(q(x_T) ‖ p(x_T)) + E_q[ Σ_{t≥1} KL(q(x_{t−1} | x_t) ‖ p_θ(x_{t−1} | x_t)) ] + H(x_0)
EQUATION(26, "the expectations are KL divergences and an entropy: Eq. (16)",
         "the mean of Eq. (17) over all paths") {
  return in_expectation(line_26);
}

}  // namespace ddpm::test::equations
