// Appendix A, Eq. (17) to (26): the derivations of Eq. (5) and of Eq. (16). Inside of E_q[...] all lines of a
// derivation but the last are equal on every single path; the last line is equal in expectation. The lines
// themselves, with their formulas: tests/equations/lines.cpp.
#include "tests/equations/lines.h"
#include "tests/equations/registry.h"

namespace ddpm::test::equations {

namespace {

// Returns a setting of 6 steps with an eps_theta and a sigma_t^2 that are not the best ones.
Setting setting() {
  Setting in(short_betas(), {0.3, 0.7});
  for (int t = 1; t <= in.tables.T; ++t) in.slope[t] += 0.3 * some_number(t, -1), in.variances[t] *= 1.4;
  return in;
}

// Returns -log p_theta(x_{0:T}) / q(x_{1:T} | x_0), from the tables alone.
double want_of(const Setting& in, const std::vector<double>& x) {
  double want = -normal_log_density(x[in.tables.T], 0, 1);
  for (int t = 1; t <= in.tables.T; ++t) {
    const auto [g, h] = in.reverse_step(t);
    want += normal_log_density(x[t], std::sqrt(in.tables.alpha[t]) * x[t - 1], in.tables.beta[t]);
    want -= normal_log_density(x[t - 1], g * x[t] + h, in.variances[t]);
  }
  return want;
}

// Compares the line on 20 paths, probable and improbable ones. Its sums have 20 terms with errors of 1e-15.
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

// Compares the line, an expectation, with the mean of the first line over all paths.
Worst in_expectation(double (*line)(const Setting&)) {
  const Setting in = setting();
  const double want = expectation(
      in.tables.T + 1, [&](const std::vector<double>& z) { return want_of(in, path_from(in, z)); });
  Worst worst;
  worst.near(line(in), want, 1e-12 * (1 + std::fabs(want)), "the mean over all paths");  // rounding
  return worst;
}

}  // namespace

EQUATION(17, "the bound, as defined", "the densities multiplied out, path by path") {
  return on_paths(line_17);
}

EQUATION(18, "products become sums of logarithms", "the densities multiplied out, path by path") {
  return on_paths(line_18);
}

EQUATION(19, "t = 1 is set apart", "the densities multiplied out, path by path") { return on_paths(line_19); }

EQUATION(20, "Bayes' rule given x_0 reverses the forward steps",
         "the densities multiplied out, path by path") {
  return on_paths(line_20);
}

EQUATION(21, "the marginals given x_0 cancel in the sum", "the densities multiplied out, path by path") {
  return on_paths(line_21);
}

EQUATION(22, "the expectations are KL divergences: Eq. (5)", "the mean of Eq. (17) over all paths") {
  return in_expectation(line_22);
}

EQUATION(23, "Eq. (18) again: the second derivation starts here",
         "the densities multiplied out, path by path") {
  return on_paths(line_23);
}

EQUATION(24, "Bayes' rule with the marginals reverses the forward steps",
         "the densities multiplied out, path by path") {
  return on_paths(line_24);
}

EQUATION(25, "the marginals cancel in the sum", "the densities multiplied out, path by path") {
  return on_paths(line_25);
}

EQUATION(26, "the expectations are KL divergences and an entropy: Eq. (16)",
         "the mean of Eq. (17) over all paths") {
  return in_expectation(line_26);
}

}  // namespace ddpm::test::equations
