// The losses: L_simple, which Algorithm 1 minimizes, and one term L_{t-1} of the bound in the four
// forms of Eq. (8), (9), (10) and (12). Source: Sections 3.2 and 3.4.
// Shapes: x_0, x_t, eps, eps_hat = eps_theta(x_t, t) and mu_theta are (B, ...), B images. Nothing is
// overwritten. Unequal shapes throw std::logic_error; so does a t outside of 1..T, except in
// simple_loss, which does not check t.
// Checked by: tests/equations/losses.cpp, tests/ddpm/test_losses.cpp,
// tests/ddpm/test_worlds_training.cpp.
#pragma once

#include <functional>

#include "ddpm/gaussian.h"
#include "ddpm/noise_predictor.h"
#include "ddpm/schedule.h"

namespace ddpm {

// The B losses of a batch, one per image.
struct Losses {
  PerImage values;  // (B), in double, for logs and checks
  Tensor on_tape;   // (B), the same numbers, to be differentiated
};

// A training loss. x_t is the noised x_0: Eq. (4) at t (B) with the noise eps.
using Loss = std::function<Losses(Tape&, const NoisePredictor& eps_theta, const Schedule&, const Tensor& x_0,
                                  const Tensor& x_t, const std::vector<int>& t, const Tensor& eps)>;

// Eq. (14): L_simple of each image, a mean over its dimensions (Departure 7). Calls eps_theta once.
Losses simple_loss(Tape&, const NoisePredictor& eps_theta, const Schedule&, const Tensor& x_0,
                   const Tensor& x_t, const std::vector<int>& t, const Tensor& eps);

// The functions below are about L_{t-1} with Sigma_theta = sigma_t^2 I, for one draw of the noise. A
// PerImage is in nats, summed over the image's dimensions. All images have the same t. `variance` is
// sigma_t^2 (reverse_variances in ddpm/reverse.h). All throw Error unless it is positive and finite.

// Eq. (5): L_{t-1}, the KL divergence between the posterior and p_theta. t = 1 throws
// std::logic_error: L_0 is no KL divergence.
PerImage step_term(const Schedule&, int t, const Tensor& x_0, const Tensor& x_t, const Tensor& mu_theta,
                   double variance);

// Eq. (8): the constant C per dimension, in nats, which depends on the two variances alone. It is 0 if
// sigma_t^2 = beta_tilde_t and positive otherwise. t = 1 throws std::logic_error.
double step_constant(const Schedule&, int t, double variance);

// L_{t-1} - C in the paper's four forms. They are equal if x_t is Eq. (4) of x_0 and eps, and
// mu_theta is Eq. (11) of eps_hat. At t = 1 they give the same expression, which is not L_0.
// Eq. (8): the squared distance between the means of the posterior and of p_theta.
PerImage step_loss_posterior(const Schedule&, int t, const Tensor& x_0, const Tensor& x_t,
                             const Tensor& mu_theta, double variance);
// Eq. (9): the same, with x_0 expressed by x_t and eps. Throws Error where x_t holds nothing of x_0.
PerImage step_loss_reparametrized(const Schedule&, int t, const Tensor& x_0, const Tensor& eps,
                                  const Tensor& mu_theta, double variance);
// Eq. (10): the same, simplified: it shows the target that mu_theta must predict.
PerImage step_loss_target(const Schedule&, int t, const Tensor& x_0, const Tensor& eps,
                          const Tensor& mu_theta, double variance);
// Eq. (12): the weighted squared error of the predicted noise.
PerImage step_loss_noise(const Schedule&, int t, const Tensor& eps, const Tensor& eps_hat, double variance);

// Eq. (12): the weight of the squared error.
double loss_weight(const Schedule&, int t, double variance);

}  // namespace ddpm
