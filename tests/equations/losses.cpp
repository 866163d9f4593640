// Eq. (8), (9), (10), (12), (14): one term of the bound in all its forms, and
// what training makes of it.
#include <algorithm>
#include <numeric>

#include "tensor/ops.h"
#include "tests/equations/oracles.h"
#include "tests/equations/registry.h"

namespace equations {

namespace {

// One draw, with σ_t² some way off β_t.
struct Draw {
  int t;
  double x_0, eps, eps_theta, x_t, mu_theta, variance;
};

Normal posterior(const Tables& c, int t, double x_0, double x_t) {
  return bayes({std::sqrt(c.bar[t - 1]) * x_0, c.noise[t - 1]}, std::sqrt(c.alpha[t]), c.beta[t], x_t);
}

// mu_theta is the posterior's mean at the x_0 that eps_theta amounts to, as Eq. (11) says.
Draw draw(const Tables& c, int t) {
  Draw d{t, some_number(t), some_number(t, 1), some_number(t, 2), 0, 0, 0};
  d.x_t = std::sqrt(c.bar[t]) * d.x_0 + std::sqrt(c.noise[t]) * d.eps;
  const double x_0_hat = d.x_0 + std::sqrt(c.noise[t] / c.bar[t]) * (d.eps - d.eps_theta);
  d.mu_theta = posterior(c, t, x_0_hat, d.x_t).mean;
  d.variance = c.beta[t] * (1.5 + 0.4 * some_number(t, 3));
  return d;
}

// KL(q(x_{t−1} | x_t, x_0) ‖ p_θ) without what the variances alone cost.
double divergence_of_means(const Tables& c, const Draw& d) {
  const Normal q = posterior(c, d.t, d.x_0, d.x_t);
  if (q.variance == 0) return (q.mean - d.mu_theta) * (q.mean - d.mu_theta) / (2 * d.variance);
  return kl(q, {d.mu_theta, d.variance}) - kl(q, {q.mean, d.variance});
}

// The check of one form of L_{t−1} − C, for all t: rounding of x_t over
// sqrt(alpha_bar_t) is 1e-14, of the difference of means another 1e-13 relative to β_t.
template <typename Loss>
Worst all_times(const Formulas& f, Loss loss) {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    const Tables c(betas);
    const Schedule s = f.tables(betas);
    for (int t = 1; t <= c.T; ++t) {
      const Draw d = draw(c, t);
      const double want = divergence_of_means(c, d);
      worst.near(loss(s, d), want, 1e-10 * (1 + want), "L_{t-1} - C, t = ", t);
    }
  }
  return worst;
}

}  // namespace

EQUATION(8, "a term of the bound is a squared distance of means, up to a constant C",
         "KL between Gaussians: closed form for all t, and on a grid with C") {
  Worst worst = all_times(f, [&](const Schedule& s, const Draw& d) {
    return f.step_loss_posterior(s, d.t, d.x_0, d.x_t, d.mu_theta, d.variance);
  });
  const Tables c(paper_betas());
  const Schedule s = f.tables(paper_betas());
  for (int t : some_times()) {
    if (t == 1) continue;
    const Draw d = draw(c, t);
    const double want = kl_on_grid(posterior(c, t, d.x_0, d.x_t), {d.mu_theta, d.variance});
    const double loss = f.step_loss_posterior(s, t, d.x_0, d.x_t, d.mu_theta, d.variance);
    const double C = f.step_constant(s, t, d.variance);
    worst.near(loss + C, want, 1e-10 * (1 + want), "L_{t-1} on a grid, t = ", t);  // the grid's rounding
  }
  return worst;
}

EQUATION(9, "Eq. (8) with x_t and x_0 in terms of the noise", "KL between Gaussians, for all t") {
  return all_times(f, [&](const Schedule& s, const Draw& d) {
    return f.step_loss_reparametrised(s, d.t, d.x_0, d.eps, d.mu_theta, d.variance);
  });
}

EQUATION(10, "Eq. (9) worked out: what the mean must predict", "KL between Gaussians, for all t") {
  return all_times(f, [&](const Schedule& s, const Draw& d) {
    return f.step_loss_target(s, d.t, d.x_0, d.eps, d.mu_theta, d.variance);
  });
}

EQUATION(12, "Eq. (10) as a weighted error of the predicted noise",
         "KL between Gaussians, for all t; the weight with sigma_t^2 = beta_t") {
  Worst worst = all_times(f, [&](const Schedule& s, const Draw& d) {
    return f.step_loss_noise(s, d.t, d.eps, d.eps_theta, d.variance);
  });
  const Tables c(paper_betas());
  const Schedule s = f.tables(paper_betas());
  for (int t = 1; t <= c.T; ++t) {
    Draw d = draw(c, t);
    d.variance = c.beta[t];
    const double error = d.eps - d.eps_theta, want = divergence_of_means(c, d);
    const double got = f.loss_weight(s, t) * error * error;
    worst.near(got, want, 1e-10 * (1 + want), "weight, t = ", t);  // as in all_times
  }
  return worst;
}

EQUATION(14, "the training loss: Eq. (12) without its weight, averaged over t",
         "value and gradient by the tape, against the KL over Eq. (12)'s weight, and its differences") {
  const std::vector<int> t{1, 2, 500, 1000};
  const int B = 4, D = 3, inputs = D + 1;
  const Tables c(paper_betas());
  const Schedule s = f.tables(paper_betas());
  Tensor x_0({B, D}), eps({B, D}), w({inputs, D}), bias({D});
  for (int i = 0; i < B * D; ++i) x_0.data()[i] = some_number(i, 1), eps.data()[i] = some_number(i, 2);
  for (int i = 0; i < inputs * D; ++i) w.data()[i] = 0.3 * some_number(i, 3);
  for (int i = 0; i < D; ++i) bias.data()[i] = 0.3 * some_number(i, 4);
  w.require_grad(), bias.require_grad();
  // ε_θ(x, t) = (x, t/1000) w + bias.
  const NoisePredictor linear = [&](Tape& tape, const Tensor& x, const std::vector<int>& times) {
    Tensor in({B, inputs});
    for (int b = 0; b < B; ++b) {
      std::copy_n(x.data() + b * D, D, in.data() + b * inputs);
      in.data()[b * inputs + D] = times[b] / 1000.0;
    }
    return matmul(tape, in, w, bias);
  };
  Tape tape;
  std::vector<double> per_image;
  const Tensor loss = f.simple_loss(tape, linear, s, x_0, t, eps, &per_image);
  tape.backward(loss);

  const auto unweighted = [&] {  // the mean over images and dimensions, from Eq. (8) by Bayes' rule
    double sum = 0;
    for (int b = 0; b < B; ++b)
      for (int i = 0; i < D; ++i) {
        Draw d = draw(c, t[b]);
        d.x_0 = x_0.data()[b * D + i], d.eps = eps.data()[b * D + i];
        d.eps_theta = bias.data()[i] + w.data()[D * D + i] * t[b] / 1000;
        const double signal = std::sqrt(c.bar[t[b]]), noise = std::sqrt(c.noise[t[b]]);
        for (int k = b * D; k < b * D + D; ++k)
          d.eps_theta += w.data()[(k - b * D) * D + i] * (signal * x_0.data()[k] + noise * eps.data()[k]);
        d.x_t = signal * d.x_0 + noise * d.eps;
        d.mu_theta = posterior(c, t[b], d.x_0 + noise / signal * (d.eps - d.eps_theta), d.x_t).mean;
        const double beta = c.beta[t[b]];
        const double weight = beta * beta / (2 * d.variance * c.alpha[t[b]] * c.noise[t[b]]);
        sum += divergence_of_means(c, d) / weight / (B * D);
      }
    return sum;
  };
  Worst worst;
  // Rounding of a mean's difference over sqrt(beta_1) = 0.01, and of the weight.
  worst.near(loss.data()[0], unweighted(), 1e-10, "the loss");
  const double mean = std::accumulate(per_image.begin(), per_image.end(), 0.0) / B;
  worst.near(mean, loss.data()[0], 1e-14, "the mean of the images' losses");  // another order
  const auto compare = [&](const char* name, Tensor& parameter) {
    for (int64_t i = 0; i < parameter.size(); ++i) {
      real& value = parameter.data()[i];
      const real kept = value;
      value = kept + 1;
      const double above = unweighted();
      value = kept - 1;
      const double slope = (above - unweighted()) / 2;  // exact: the loss is quadratic
      value = kept;
      worst.near(parameter.gradient().data()[i], slope, 1e-10, "d loss / d ", name, ", element ", i);
    }
  };
  compare("w", w), compare("bias", bias);
  return worst;
}

}  // namespace equations
