// Eq. (1), (2), (4): the reverse and the forward process.
#include <numeric>

#include "kernels/kernels.h"
#include "tensor/random.h"
#include "tests/equations/lines.h"
#include "tests/equations/registry.h"

namespace equations {

namespace {

// N(0, 1) numbers of the test stream.
std::vector<double> normals(int n, uint32_t index) {
  std::vector<double> z(n);
  kernels::fill_normal(n, {3, purpose_test, 2, index}, z.data());
  return z;
}

// With ε* and the exact variance, p_θ(x_{t−1} | x_t) is q(x_{t−1} | x_t), which Bayes'
// rule gives.
void one_step_is_bayes(const Formulas& f, Worst& worst) {
  Setting in(f, paper_betas(), {-0.3, 0.25});
  in.exact_variances();
  for (int t = 1; t <= in.tables.T; ++t) {
    const double x_t = some_number(t), root = std::sqrt(in.tables.alpha[t]);
    const Normal back = bayes(in.marginal(t - 1), root, in.tables.beta[t], x_t);
    const double x = back.mean + some_number(t, 1) * std::sqrt(back.variance);
    const double eps = in.eps_theta(x_t, t);
    const double got = f.reverse_log_density(in.schedule, t, x_t, eps, in.variances[t], x);
    // Rounding of x relative to a deviation of 0.01: 1e-16 / 0.01, squared terms and the
    // tables' last digits (1e-13) leave 1e-10.
    worst.near(got, log_bell(x, back.mean, back.variance), 1e-10, "log p_theta(x_{t-1}|x_t), t = ", t);
  }
}

// The product over t with x_1, x_2 summed out is the law that the affine chain ends at.
void product_is_the_chain(const Formulas& f, Worst& worst) {
  Setting in(f, {0.3, 0.5}, {0.4, 0.25});
  const auto p = [&](int t, double x_t, double x) {
    return f.reverse_log_density(in.schedule, t, x_t, in.eps_theta(x_t, t), in.variances[t], x);
  };
  for (double x_0 : {-1.0, 0.2, 1.5}) {
    const auto p_of_x_2 = [&](double x_2) {
      const auto p_of_x_1 = [&](double x_1) {
        return f.prior_log_density(x_2) + p(2, x_2, x_1) + p(1, x_1, x_0);
      };
      return std::log(sum_density(p_of_x_1, -8, 8, 80).mass);
    };
    const double mass = sum_density(p_of_x_2, -8, 8, 60).mass;
    const Normal model = in.model();
    const double want = std::exp(log_bell(x_0, model.mean, model.variance));
    // What lies beyond 8 has a mass below 1e-14; the sums converge beyond that.
    worst.near(mass, want, 1e-11, "p_theta(x_0 = ", x_0, ")");
  }
}

}  // namespace

EQUATION(1, "the reverse process is a chain of Gaussians that starts at N(0, I)",
         "p(x_T) by its moments; Bayes' rule for all t; the chain's exact law by summing x_1, x_2 out") {
  Worst worst;
  const auto [mass, mean, variance] = sum_density([&](double x) { return f.prior_log_density(x); }, -10, 10);
  worst.near(mass, 1, 1e-13, "mass of p(x_T)");  // the sum's rounding
  worst.near(mean, 0, 1e-13, "its mean"), worst.near(variance, 1, 1e-13, "its variance");
  one_step_is_bayes(f, worst);
  product_is_the_chain(f, worst);
  return worst;
}

EQUATION(2, "one step of the forward process, which keeps a variance of 1",
         "moments iterated for all t; the density's integrals; a simulated chain") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    const Tables tables(betas);
    const Schedule s = f.tables(betas);
    double mean = 1, variance = 0;  // of x_t given x_0 = 1
    for (int t = 1; t <= tables.T; ++t) {
      const double a = f.forward_step(s, t, 1.0, 0.0), sd = f.forward_step(s, t, 0.0, 1.0);
      mean *= a, variance = a * a * variance + sd * sd;
      // A last digit a step: 1000 · 1e-16.
      worst.near(a * a + sd * sd, 1, 1e-15, "variance kept, t = ", t);
      worst.near(variance, tables.noise[t], 1e-13, "variance of the chain, t = ", t);
      worst.near(mean, std::sqrt(tables.bar[t]), 1e-13, "mean of the chain, t = ", t);
    }
    for (int t : {1, 2, tables.T}) {
      const double before = some_number(t), m = std::sqrt(tables.alpha[t]) * before;
      const double reach = 10 * std::sqrt(tables.beta[t]);
      const auto density = [&](double x) { return f.forward_log_density(s, t, before, x); };
      const auto [mass, centre, spread] = sum_density(density, m - reach, m + reach);
      worst.near(mass, 1, 1e-11, "mass of q(x_t|x_{t-1}), t = ", t);  // the sum's rounding
      worst.near(centre, m, 1e-11, "its mean, t = ", t);
      worst.near(spread / tables.beta[t], 1, 1e-11, "its variance over beta_t, t = ", t);
    }
  }
  // A simulated chain, against the law of Eq. (4) with five standard errors: each
  // comparison fails once in 1.7 million seeds.
  const int n = 4000;
  const Tables tables(short_betas());
  const Schedule s = f.tables(short_betas());
  std::vector<double> x(n, 0.8);
  for (int t = 1; t <= tables.T; ++t) {
    const std::vector<double> z = normals(n, t);
    for (int i = 0; i < n; ++i) x[i] = f.forward_step(s, t, x[i], z[i]);
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
    const double squares = std::inner_product(x.begin(), x.end(), x.begin(), 0.0) / n - mean * mean;
    const double v = tables.noise[t];
    worst.near(mean, 0.8 * std::sqrt(tables.bar[t]), 5 * std::sqrt(v / n), "simulated mean, t = ", t);
    worst.near(squares, v, 5 * v * std::sqrt(2.0 / n), "simulated variance, t = ", t);
  }
  return worst;
}

EQUATION(4, "all t steps of the forward process at once", "the moments of Eq. (2)'s chain, for all t") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    const Schedule s = f.tables(betas);
    double mean = 1, variance = 0;  // of x_t given x_0 = 1
    for (int t = 1; t <= s.T; ++t) {
      const double beta = betas[t - 1], x_0 = some_number(t), eps = some_number(t, 1);
      mean *= std::sqrt(1 - beta), variance = (1 - beta) * variance + beta;
      const double want = mean * x_0 + std::sqrt(variance) * eps;
      worst.near(f.q_sample(s, t, x_0, eps), want, 1e-12, "x_t, t = ", t);  // a last digit a step
      double seen = NAN;  // by the network, in the training loss
      const NoisePredictor spy = [&](Tape&, const Tensor& x_t, const std::vector<int>&) {
        return seen = x_t.data()[0], x_t;
      };
      Tape tape(Tape::off);
      f.simple_loss(tape, spy, s, number(x_0), std::vector<int>{t}, number(eps), nullptr);
      worst.near(seen, want, 1e-12, "x_t of the training loss, t = ", t);
    }
  }
  return worst;
}

}  // namespace equations
