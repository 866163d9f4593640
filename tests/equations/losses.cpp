// Eq. (8), (9), (10) and (12): one term of the bound in its four forms, compared with KL divergences. Eq.
// (14): the loss of training. The code: ddpm/losses.cpp.
#include "ddpm/losses.h"

#include "ddpm/forward.h"
#include "tensor/ops.h"
#include "tests/equations/number.h"
#include "tests/equations/registry.h"
#include "tests/equations/spy.h"

namespace ddpm::test::equations {

namespace {

// One draw: x_t by Eq. (4), mu_theta by Eq. (11) as the posterior's mean at x_0_hat, and variance, a
// sigma_t^2 that differs from beta_t.
struct Draw {
  int t;
  double x_0, eps, eps_theta, x_t, mu_theta, variance;
};

Draw draw(const Tables& c, int t, double x_0, double eps, double eps_theta) {
  const double x_t = std::sqrt(c.bar[t]) * x_0 + std::sqrt(c.noise[t]) * eps;
  const double x_0_hat = x_0 + std::sqrt(c.noise[t] / c.bar[t]) * (eps - eps_theta);
  const double variance = c.beta[t] * (1.5 + 0.4 * some_number(t, 3));
  return {t, x_0, eps, eps_theta, x_t, posterior(c, t, x_0_hat, x_t).mean, variance};
}
Draw draw(const Tables& c, int t) { return draw(c, t, some_number(t), some_number(t, 1), some_number(t, 2)); }

// Returns L_{t-1} - C: KL(q(x_{t-1} | x_t, x_0) || p_theta) without its part that depends on the variances
// alone.
double divergence_of_means(const Tables& c, const Draw& d) {
  const Normal q = posterior(c, d.t, d.x_0, d.x_t);
  if (q.variance == 0) return (q.mean - d.mu_theta) * (q.mean - d.mu_theta) / (2 * d.variance);
  return kl(q, {d.mu_theta, d.variance}) - kl(q, {q.mean, d.variance});
}

// Compares one form of L_{t-1} - C for all t. The rounding of x_t / sqrt(alpha_bar_t) is 1e-14, that of the
// difference of the means 1e-13 relative to beta_t.
Worst all_times(PerImage (*loss)(const Schedule&, const Draw&)) {
  Worst worst;
  for (const auto& betas : {paper_betas(), short_betas()}) {
    const Tables c(betas);
    const Schedule s(betas);
    for (int t = 1; t <= c.T; ++t) {
      const Draw d = draw(c, t);
      const double want = divergence_of_means(c, d);
      worst.near(value(loss(s, d)), want, 1e-10 * (1 + want), "L_{t-1} - C, t = ", t);
    }
  }
  return worst;
}

}  // namespace

// Eq. (8):  L_{t-1} = E_q[ || mu_tilde_t(x_t, x_0) - mu_theta(x_t, t) ||^2 / (2 sigma_t^2) ] + C
namespace {

PerImage eq_8(const Schedule& s, const Draw& d) {
  return step_loss_posterior(s, d.t, number(d.x_0), number(d.x_t), number(d.mu_theta), d.variance);
}

}  // namespace

EQUATION(8, "a term of the bound is a squared distance between means, plus a constant C",
         "KL between Gaussians: in closed form for all t, and on a grid with C") {
  Worst worst = all_times(eq_8);
  const Tables c(paper_betas());
  const Schedule s(paper_betas());
  for (int t : some_times()) {
    if (t == 1) continue;
    const Draw d = draw(c, t);
    const double want = kl_on_grid(posterior(c, t, d.x_0, d.x_t), {d.mu_theta, d.variance});
    const double got = value(eq_8(s, d)) + step_constant(s, t, d.variance);
    worst.near(got, want, 1e-10 * (1 + want), "L_{t-1} on a grid, t = ", t);  // the grid's rounding
  }
  return worst;
}

// Eq. (9):  L_{t-1} - C = E_{x_0,eps}[
//             || mu_tilde_t(x_t, (x_t - sqrt(1 - alpha_bar_t) eps) / sqrt(alpha_bar_t)) - mu_theta ||^2
//             / (2 sigma_t^2) ],  x_t = x_t(x_0, eps), mu_theta = mu_theta(x_t, t)
EQUATION(9, "Eq. (8) with x_t and x_0 in terms of the noise", "KL between Gaussians, for all t") {
  return all_times([](const Schedule& s, const Draw& d) {
    return step_loss_reparametrized(s, d.t, number(d.x_0), number(d.eps), number(d.mu_theta), d.variance);
  });
}

// Eq. (10):  = E_{x_0,eps}[ || 1/sqrt(alpha_t) (x_t - beta_t / sqrt(1 - alpha_bar_t) eps) - mu_theta(x_t, t)
// ||^2
//              / (2 sigma_t^2) ]
EQUATION(10, "Eq. (9) simplified: what the mean must predict", "KL between Gaussians, for all t") {
  return all_times([](const Schedule& s, const Draw& d) {
    return step_loss_target(s, d.t, number(d.x_0), number(d.eps), number(d.mu_theta), d.variance);
  });
}

// Eq. (12):  E_{x_0,eps}[ beta_t^2 / (2 sigma_t^2 alpha_t (1 - alpha_bar_t)) || eps - eps_theta(x_t, t) ||^2
// ],
//            x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps
EQUATION(12, "Eq. (10) as a weighted error of the predicted noise",
         "KL between Gaussians, for all t; the weight with sigma_t^2 = beta_t") {
  Worst worst = all_times([](const Schedule& s, const Draw& d) {
    return step_loss_noise(s, d.t, number(d.eps), number(d.eps_theta), d.variance);
  });
  const Tables c(paper_betas());
  const Schedule s(paper_betas());
  for (int t = 1; t <= c.T; ++t) {
    Draw d = draw(c, t);
    d.variance = c.beta[t];
    const double error = d.eps - d.eps_theta, want = divergence_of_means(c, d);
    const double got = loss_weight(s, t, c.beta[t]) * error * error;
    worst.near(got, want, 1e-10 * (1 + want), "weight, t = ", t);  // as in all_times
  }
  return worst;
}

// Eq. (14):  L_simple(theta) =
//              E_{t,x_0,eps}[ || eps - eps_theta(sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps, t) ||^2 ]
namespace {

// Four images of three numbers, and eps_theta(x, t) = (x, t/T) w + bias.
struct Batch {
  static constexpr int B = 4, D = 3;
  Tables c{paper_betas()};
  std::vector<int> t{1, 2, 500, 1000};
  Tensor x_0 = some_numbers({B, D}, 1), eps = some_numbers({B, D}, 2);
  Tensor w = some_numbers({D + 1, D}, 3, 0.3), bias = some_numbers({D}, 4, 0.3);

  double eps_theta(int b, int i) const {
    double sum = bias.data()[i] + w.data()[D * D + i] * t[b] / 1000;
    for (int k = 0; k < D; ++k) {
      const double x = x_0.data()[b * D + k], z = eps.data()[b * D + k];
      sum += w.data()[k * D + i] * (std::sqrt(c.bar[t[b]]) * x + std::sqrt(c.noise[t[b]]) * z);
    }
    return sum;
  }
};

// Returns the mean of (L_{t-1} - C) / weight_t over images and dimensions, by Bayes' rule and Eq. (12)'s
// weight.
double unweighted(const Batch& in) {
  double sum = 0;
  for (int b = 0; b < in.B; ++b)
    for (int i = 0; i < in.D; ++i) {
      const int t = in.t[b], n = b * in.D + i;
      const Draw d = draw(in.c, t, in.x_0.data()[n], in.eps.data()[n], in.eps_theta(b, i));
      const double beta = in.c.beta[t];
      const double weight = beta * beta / (2 * d.variance * in.c.alpha[t] * in.c.noise[t]);
      sum += divergence_of_means(in.c, d) / weight / (in.B * in.D);
    }
  return sum;
}

// Returns d unweighted / d value as a difference, which is exact because the loss is quadratic.
double derivative(const Batch& in, real& value) {
  const real kept = value;
  value = kept + 1;
  const double above = unweighted(in);
  value = kept - 1;
  const double below = unweighted(in);
  value = kept;
  return (above - below) / 2;
}

}  // namespace

EQUATION(14, "the training loss: Eq. (12) without its weight, averaged over t",
         "value and gradient on the tape, by KL divided by the weight of Eq. (12), and its differences") {
  Batch in;
  in.w.require_grad(), in.bias.require_grad();
  Tape tape;
  const NoisePredictor eps_theta = linear_network(in.w, in.bias, in.c.T);
  const Schedule schedule(paper_betas());
  const Tensor x_t = q_sample(schedule, in.t, in.x_0, in.eps);
  const Losses losses = simple_loss(tape, eps_theta, schedule, in.x_0, x_t, in.t, in.eps);
  const Tensor loss = mean(tape, losses.on_tape);
  tape.backward(loss);

  Worst worst;
  // The rounding of a difference of means, divided by sqrt(beta_1) = 0.01, and of the weight.
  worst.near(value(loss), unweighted(in), 1e-10, "the loss");
  worst.near(losses.values.sum() / in.B, value(loss), 1e-14, "the mean of the images' losses");
  const auto compare = [&](const char* name, Tensor& weights) {
    const std::vector<real> gradient = weights.gradient().values();
    for (int64_t i = 0; i < weights.size(); ++i)
      worst.near(gradient[i], derivative(in, weights.data()[i]), 1e-10, "d loss / d ", name, ", element ", i);
  };
  compare("w", in.w), compare("bias", in.bias);
  return worst;
}

}  // namespace ddpm::test::equations
