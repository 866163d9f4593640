// Eq. (3), (5) and (16): the bound in its three forms, for normal data in one dimension, where it has a
// closed form, and its terms on images. The code: ddpm/bound.cpp; line_16 and line_22 of
// tests/equations/lines.cpp.
#include "ddpm/bound.h"

#include "ddpm/losses.h"
#include "ddpm/reverse.h"
#include "kernels/kernels.h"
#include "tensor/random.h"
#include "tests/equations/lines.h"
#include "tests/equations/number.h"
#include "tests/equations/registry.h"

namespace ddpm::test::equations {

namespace {

using BoundOf = double (*)(const Setting&);

// Compares with known values in nats, for the paper's schedule and eps*. They were computed by other code.
void pinned_values(BoundOf bound, Worst& worst) {
  const double digits = 1e-9;  // of the known values
  Setting in(paper_betas(), {0, 0.25});
  worst.near(bound(in), 0.726883608, digits, "N(0, 0.25), sigma^2 = beta");
  in.exact_variances();
  worst.near(bound(in), 0.725791353, digits, "N(0, 0.25), the exact variance: the entropy");
  in.variances = reverse_variances(in.schedule, Variance::posterior);
  worst.near(bound(in), 1.295717284, digits, "N(0, 0.25), sigma^2 = beta tilde");
  const Setting shifted(paper_betas(), {-0.5, 0.25});
  worst.near(bound(shifted), 0.726888653, digits, "N(-0.5, 0.25), sigma^2 = beta");
}

// Compares with the closed form, for 6 steps and an eps_theta that is far from eps*.
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

// Eq. (3):  E[-log p_theta(x_0)] <= E_q[ -log p_theta(x_{0:T}) / q(x_{1:T} | x_0) ]
//           = E_q[ -log p(x_T) - sum_{t >= 1} log p_theta(x_{t-1} | x_t) / q(x_t | x_{t-1}) ] = L
namespace {

// Checks -log p_theta(x_0) <= L for some x_0. Equality holds where the reverse process is the exact one: for
// data N(0, 1) with eps* and sigma_t^2 = beta_t.
void is_a_bound(Worst& worst) {
  for (const auto& betas : {paper_betas(), short_betas()})
    for (double variance : {1.0, 0.25})
      for (double x_0 : {-1.0, 2.0}) {
        Setting in(betas, {0, variance});
        const Normal model = in.model();
        in.data = {x_0, 0};
        const double gap = expected_path_bound(in) + normal_log_density(x_0, model.mean, model.variance);
        // 2000 second differences of sums of 1000 terms, 1e-16 each.
        worst.near(variance == 1 ? gap : std::fmin(gap, 0), 0, 1e-9, "L(x_0) + log p_theta(x_0), x_0 = ", x_0,
                   ", variance ", variance, ", T = ", in.tables.T);
      }
}

}  // namespace

EQUATION(3, "the variational bound",
         "known values and a closed form; at least -log p_theta(x_0), and when it is equal") {
  Worst worst;
  wrong_predictor(expected_path_bound, worst);
  if (!worst.ok()) return worst;  // the rest takes longer
  pinned_values(expected_path_bound, worst);
  is_a_bound(worst);
  return worst;
}

// Eq. (5):  L = E_q[ L_T + sum_{t > 1} L_{t-1} + L_0 ],
//           L_T = KL(q(x_T | x_0) || p(x_T)),
//           L_{t-1} = KL(q(x_{t-1} | x_t, x_0) || p_theta(x_{t-1} | x_t)),
//           L_0 = -log p_theta(x_0 | x_1)
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

// Returns the logarithm of the mass of N(mean, variance) in the bin of a byte in 1..254.
double log_bin(int byte, double mean, double variance) {
  const double low = (byte - 0.5) / 127.5 - 1, high = (byte + 0.5) / 127.5 - 1;
  // erfc keeps its digits on the side where it is small.
  const double side = low > mean ? 1 : -1, width = std::sqrt(2 * variance);
  const auto tail = [&](double x) { return 0.5 * std::erfc(side * (x - mean) / width); };
  return std::log(side * (tail(low) - tail(high)));
}

// Returns L_{t-1} of one pixel, given the noise in x_t.
double pixel_term(const Setting& in, int byte, int t, double eps, Clip clip) {
  const Tables& c = in.tables;
  const double x_0 = byte / 127.5 - 1, x_t = std::sqrt(c.bar[t]) * x_0 + std::sqrt(c.noise[t]) * eps;
  const double estimate = (x_t - std::sqrt(c.noise[t]) * in.eps_theta(x_t, t)) / std::sqrt(c.bar[t]);
  const double x_0_hat = clip == Clip::on ? std::fmin(std::fmax(estimate, -1), 1) : estimate;
  const double mu = posterior(c, t, x_0_hat, x_t).mean;
  if (t == 1) return -log_bin(byte, mu, in.variances[1]);
  return kl(posterior(c, t, x_0, x_t), {mu, in.variances[t]});
}

// Compares all terms of variational_bound on two images of three pixels with sums over the pixels, for the
// same draws of the noise.
void on_images(Clip clip, Worst& worst) {
  Setting in(short_betas(), {0, 1});
  for (double& slope : in.slope) slope *= 0.5;  // so that x_0_hat often leaves [-1, 1]
  const std::vector<int> bytes{170, 3, 90, 254, 128, 60};
  Tensor x_0({2, 3});
  for (int i = 0; i < 6; ++i) x_0.data()[i] = bytes[i] / 127.5 - 1;
  const int T = in.tables.T;
  const Bound got =
      variational_bound(in.schedule, in.variances, in.predictor(), x_0, {3, purpose_test, 0, 7}, clip);
  for (int b : {0, 1}) {
    std::vector<double> want(T + 1);
    for (int i = 0; i < 3; ++i) want[T] += kl(noised(in.tables, T, x_0.data()[3 * b + i]), {0, 1});
    for (int t = 1; t <= T; ++t) {
      real eps[3];
      kernels::fill_normal(3, {3, purpose_test, uint32_t(t), uint32_t(7 + b)}, eps);
      for (int i = 0; i < 3; ++i) want[t - 1] += pixel_term(in, bytes[3 * b + i], t, eps[i], clip);
    }
    const std::string of = text(" of image ", b, clip == Clip::on ? " with the clip" : "");
    double total = 0;
    for (int t = 0; t <= T; ++t) {
      total += want[t];
      worst.near(got.L[t][b], want[t], 1e-11 * (1 + std::fabs(want[t])), "L_", t, of);  // rounding
    }
    worst.near(got.total(b), total, 1e-11 * (1 + total), "L_0 + ... + L_T", of);
    worst.near(got.rate(b), total - want[0], 1e-11 * (1 + total), "L_1 + ... + L_T", of);
  }
}

}  // namespace

EQUATION(5, "the bound as KL divergences L_T, L_{t-1} and L_0",
         "the terms on a grid, their sum by known values, and all terms on images, pixel by pixel") {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    last_term(Tables(betas), Schedule(betas), worst);
    middle_terms(Tables(betas), Schedule(betas), worst);
  }
  pinned_values(line_22, worst);
  wrong_predictor(line_22, worst);
  on_images(Clip::off, worst);
  on_images(Clip::on, worst);
  return worst;
}

EQUATION(16, "the bound from the marginals of the data, and their entropy",
         "the known values and the closed form of Eq. (3) and (5)") {
  Worst worst;
  pinned_values(line_16, worst);
  wrong_predictor(line_16, worst);
  return worst;
}

}  // namespace ddpm::test::equations
