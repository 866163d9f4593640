// Appendix A, Eq. (17)–(22) and (23)–(26): the derivations of Eq. (5) and (16),
// line by line. All but the last line of each hold on every single path.
#include "tests/equations/lines.h"
#include "tests/equations/registry.h"

namespace equations {

namespace {

Setting setting(const Formulas& f) {
  Setting in(f, short_betas(), {0.3, 0.7});
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
Worst on_paths(const Formulas& f, const Formula<double(const Path&)>& line) {
  const Setting in = setting(f);
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
Worst in_expectation(const Formulas& f, const Formula<double(const Setting&)>& line) {
  const Setting in = setting(f);
  const double want = expectation(in.tables.T + 1, [&](const std::vector<double>& z) {
    return want_of(in, path_from(in, z));
  });
  Worst worst;
  worst.near(line(in), want, 1e-12 * (1 + std::fabs(want)), "the mean over all paths");  // rounding
  return worst;
}

}  // namespace

EQUATION(17, "the bound, as it is defined", "the densities multiplied out, path by path") {
  return on_paths(f, f.line_17);
}
EQUATION(18, "the products are sums of logarithms", "the densities multiplied out, path by path") {
  return on_paths(f, f.line_18);
}
EQUATION(19, "t = 1 is set apart", "the densities multiplied out, path by path") {
  return on_paths(f, f.line_19);
}
EQUATION(20, "Bayes' rule given x_0 turns the forward steps round",
         "the densities multiplied out, path by path") {
  return on_paths(f, f.line_20);
}
EQUATION(21, "the marginals given x_0 cancel in the sum", "the densities multiplied out, path by path") {
  return on_paths(f, f.line_21);
}
EQUATION(22, "the expectations are KL divergences: Eq. (5)", "the mean of Eq. (17) over all paths") {
  return in_expectation(f, f.line_22);
}
EQUATION(23, "Eq. (18) again, to be taken another way", "the densities multiplied out, path by path") {
  return on_paths(f, f.line_18);
}
EQUATION(24, "Bayes' rule with the marginals turns the forward steps round",
         "the densities multiplied out, path by path") {
  return on_paths(f, f.line_24);
}
EQUATION(25, "the marginals cancel in the sum", "the densities multiplied out, path by path") {
  return on_paths(f, f.line_25);
}
EQUATION(26, "the expectations are KL divergences and an entropy: Eq. (16)",
         "the mean of Eq. (17) over all paths") {
  return in_expectation(f, f.line_16);
}

}  // namespace equations
