// Eq. (3), (5), (16): the bound in its three forms, on Gaussian data in one
// dimension, where it has a value in closed form.
#include "ddpm/bound.h"

#include <numbers>

#include "ddpm/reverse.h"
#include "ddpm/losses.h"
#include "tensor/random.h"
#include "tests/equations/lines.h"
#include "tests/equations/number.h"
#include "tests/equations/registry.h"

namespace ddpm::test::equations {

namespace {

using BoundOf = double (*)(const Setting&);

// The paper's schedule with ε*: values in nats that were computed apart from this code.
void pinned_values(BoundOf bound, Worst& worst) {
  const double digits = 1e-9;  // as many as the numbers have
  Setting in(paper_betas(), {0, 0.25});
  worst.near(bound(in), 0.726883608, digits, "N(0, 0.25), sigma^2 = beta");
  in.exact_variances();
  worst.near(bound(in), 0.725791353, digits, "N(0, 0.25), the exact variance: the entropy");
  in.variances = reverse_variances(in.schedule, Variance::posterior);
  worst.near(bound(in), 1.295717284, digits, "N(0, 0.25), sigma^2 = beta tilde");
  const Setting shifted(paper_betas(), {-0.5, 0.25});
  worst.near(bound(shifted), 0.726888653, digits, "N(-0.5, 0.25), sigma^2 = beta");
}

// A few steps and an ε_θ that is far from the best: the closed form of the tables.
void wrong_predictor(BoundOf bound, Worst& worst) {
  for (int name = 0; name < 5; ++name) {
    Setting in(short_betas(), {some_number(0, name), 0.7});
    for (int t = 1; t <= in.tables.T; ++t) {
      in.slope[t] = some_number(t, 3 * name), in.offset[t] = some_number(t, 3 * name + 1);
      in.variances[t] *= 1.2 + 0.5 * some_number(t, 3 * name + 2);
    }
    const double want = in.closed_bound();
    worst.near(bound(in), want, 1e-11 * (1 + want), "a wrong eps_theta, no. ", name);  // rounding
  }
}

}  // namespace

// Eq. (3):  E[−log p_θ(x_0)] ≤ E_q[ −log p_θ(x_{0:T}) / q(x_{1:T} | x_0) ]
//           = E_q[ −log p(x_T) − Σ_{t≥1} log p_θ(x_{t−1} | x_t) / q(x_t | x_{t−1}) ] = L
namespace {

// −log p_θ(x_0) <= L for every x_0, with equality where the reverse process is the
// exact one: N(0, 1) data with ε* and σ² = β. For other data the bound is loose.
void is_a_bound(Worst& worst) {
  for (const auto& betas : {paper_betas(), short_betas()})
    for (double variance : {1.0, 0.25})
      for (double x_0 : {-1.0, 2.0}) {
        Setting in(betas, {0, variance});
        const Normal model = in.model();
        in.data = {x_0, 0};
        const double gap = expected_path_bound(in) + log_bell(x_0, model.mean, model.variance);
        // 2000 second differences of sums of 1000 terms, 1e-16 each.
        worst.near(variance == 1 ? gap : std::fmin(gap, 0), 0, 1e-9, "L(x_0) + log p_theta(x_0), x_0 = ", x_0,
                   ", variance ", variance, ", T = ", in.tables.T);
      }
}

}  // namespace

EQUATION(3, "the variational bound",
         "known values and a closed form; above -log p_theta(x_0), equal where it must be") {
  Worst worst;
  wrong_predictor(expected_path_bound, worst);
  if (!worst.ok()) return worst;  // the rest takes its time
  pinned_values(expected_path_bound, worst);
  is_a_bound(worst);
  return worst;
}

// Eq. (5):  L = E_q[ L_T + Σ_{t>1} L_{t−1} + L_0 ],
//           L_T = KL(q(x_T | x_0) ‖ p(x_T)),
//           L_{t−1} = KL(q(x_{t−1} | x_t, x_0) ‖ p_θ(x_{t−1} | x_t)),
//           L_0 = −log p_θ(x_0 | x_1)
namespace {

void last_term(const Tables& c, const Schedule& s, Worst& worst) {
  for (double x_0 : {-1.0, 0.3}) {
    const double want = kl_on_grid(noised(c, c.T, x_0), {0, 1});
    const double got = value(prior_term(s, number(x_0)));
    worst.near(got, want, 1e-12, "L_T on a grid, x_0 = ", x_0);  // the grid's rounding
    worst.near(prior_nats_per_dim(s, x_0 * x_0), want, 1e-12, "L_T from x_0^2, x_0 = ", x_0);
  }
}

void middle_terms(const Tables& c, const Schedule& s, Worst& worst) {
  for (int t : some_times()) {
    if (t == 1 || t > c.T) continue;
    const double x_0 = some_number(t), x_t = some_number(t, 1), variance = 1.3 * c.beta[t];
    const Normal q = posterior(c, t, x_0, x_t);
    const double mu = q.mean + std::sqrt(variance) * some_number(t, 2);
    const double want = kl_on_grid(q, {mu, variance});
    const double got = value(step_term(s, t, number(x_0), number(x_t), number(mu), variance));
    worst.near(got, want, 1e-10 * (1 + want), "L_{t-1} on a grid, t = ", t);  // the grid's rounding
  }
}

// The mean and the variance of f(z), z ~ N(0, 1).
Normal moments_of(const std::function<double(double)>& f) {
  double first = 0, second = 0;
  for (int i = -1000; i <= 1000; ++i) {
    const double z = 0.009 * i, p = std::exp(log_bell(z, 0, 1)) * 0.009;
    first += p * f(z), second += p * f(z) * f(z);
  }
  return {first, second - first * first};
}

// log of the mass of N(mean, variance) in the bin of byte, not the first or last.
double log_bin(int byte, double mean, double variance) {
  const double low = (byte - 0.5) / 127.5 - 1, high = (byte + 0.5) / 127.5 - 1;
  // erfc keeps its digits on the side where it is small.
  const double side = low > mean ? 1 : -1, width = std::sqrt(2 * variance);
  const auto tail = [&](double x) { return 0.5 * std::erfc(side * (x - mean) / width); };
  return std::log(side * (tail(low) - tail(high)));
}

// L_{t−1} of one pixel of level byte, as a function of the noise in x_t.
double drawn_term(const Setting& in, int byte, int t, double z, Clip clip) {
  const Tables& c = in.tables;
  const double x_0 = byte / 127.5 - 1, x_t = std::sqrt(c.bar[t]) * x_0 + std::sqrt(c.noise[t]) * z;
  const double estimate = (x_t - std::sqrt(c.noise[t]) * in.eps_theta(x_t, t)) / std::sqrt(c.bar[t]);
  const double x_0_hat = clip == Clip::on ? std::fmin(std::fmax(estimate, -1), 1) : estimate;
  const double mu = posterior(c, t, x_0_hat, x_t).mean;
  if (t == 1) return -log_bin(byte, mu, in.variances[1]);
  return kl(posterior(c, t, x_0, x_t), {mu, in.variances[t]});
}

// variational_bound on an image whose pixels are all one level: each L_i is the mean of
// n draws, within five standard errors (once in 1.7 million seeds), L_T exact. Half of
// the predicted noise is wrong, so that x_0 hat often lies beyond [-1, 1] and the clip counts.
void drawn_terms(Clip clip, Worst& worst) {
  const int n = 4000, byte = 170;
  const double x_0 = byte / 127.5 - 1;
  Setting in(short_betas(), {0, 1});
  for (double& slope : in.slope) slope *= 0.5;
  const int T = in.tables.T;
  const Tensor image = Tensor::from({1, n}, std::vector<real>(n, x_0));
  const Bound got = variational_bound(in.schedule, in.variances, in.predictor(), image,
                                      Stream{3, purpose_test, 0, 7}, clip);
  double total = kl(noised(in.tables, T, x_0), {0, 1}), error = 1e-12;
  worst.near(got.L[T][0] / n, total, error, "L_T");  // rounding
  for (int t = 1; t <= T; ++t) {
    const Normal term = moments_of([&](double z) { return drawn_term(in, byte, t, z, clip); });
    const double allowed = 5 * std::sqrt(term.variance / n);
    worst.near(got.L[t - 1][0] / n, term.mean, allowed, "L_", t - 1,
               clip == Clip::on ? " with the clip" : "");
    total += term.mean, error += allowed;
  }
  worst.near(got.total(0) / n, total, error, "the sum");
}

}  // namespace

EQUATION(5, "the bound as KL divergences L_T, L_{t-1} and L_0",
         "the terms on a grid, their sum against known values, and drawn on an image") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    last_term(Tables(betas), Schedule(betas), worst);
    middle_terms(Tables(betas), Schedule(betas), worst);
  }
  pinned_values(line_22, worst);
  wrong_predictor(line_22, worst);
  drawn_terms(Clip::off, worst);
  drawn_terms(Clip::on, worst);
  return worst;
}

// Eq. (16):  L = KL(q(x_T) ‖ p(x_T)) + E_q[ Σ_{t≥1} KL(q(x_{t−1} | x_t) ‖ p_θ(x_{t−1} | x_t)) ] + H(x_0)
EQUATION(16, "the bound by the data's own marginals, and their entropy",
         "known values and a closed form, those of Eq. (3) and (5)") {
  Worst worst;
  pinned_values(line_16, worst);
  wrong_predictor(line_16, worst);
  return worst;
}

}  // namespace ddpm::test::equations
