// One term L_{t−1} of the bound, and the forms that the paper brings it into:
// Eq. (8), (9), (10), (12), with Σ_θ = σ_t² I. All in nats, summed over each
// image's dimensions, for one draw of the noise; one t for all images.
// Shapes: x_0, x_t, eps, eps_theta, mu_theta (B, …). variance is σ_t²
// (reverse_variances of ddpm/reverse.h); Error unless it is positive.
// Checked by: tests/equations/losses.cpp, tests/test_bound.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "ddpm/schedule.h"

// Eq. (5): L_{t−1} = KL(q(x_{t−1} | x_t, x_0) ‖ p_θ(x_{t−1} | x_t)), t = 2..T:
// Eq. (8) with its constant C. Our own code must not ask for t = 1 (that is L_0).
PerImage step_term(const Schedule&, int t, const Tensor& x_0, const Tensor& x_t,
                   const Tensor& mu_theta, double variance);

// C of Eq. (8) for one dimension, t = 2..T: what the two variances alone cost.
// 0 for σ_t² = β̃_t, positive otherwise.
double step_constant(const Schedule&, int t, double variance);

// L_{t−1} − C, t = 1..T, in the paper's four forms; equal if x_t is x_t(x_0, eps)
// of Eq. (4) and mu_theta comes from eps_theta by Eq. (11).
// Eq. (8): between the means of q(x_{t−1} | x_t, x_0) and p_θ.
PerImage step_loss_posterior(const Schedule&, int t, const Tensor& x_0, const Tensor& x_t,
                             const Tensor& mu_theta, double variance);
// Eq. (9): x_t drawn as x_t(x_0, eps), x_0 put back in terms of x_t and eps.
PerImage step_loss_reparametrised(const Schedule&, int t, const Tensor& x_0, const Tensor& eps,
                                  const Tensor& mu_theta, double variance);
// Eq. (10): the same, worked out: what mu_theta must predict.
PerImage step_loss_target(const Schedule&, int t, const Tensor& x_0, const Tensor& eps,
                          const Tensor& mu_theta, double variance);
// Eq. (12): the weighted error of the predicted noise.
PerImage step_loss_noise(const Schedule&, int t, const Tensor& eps, const Tensor& eps_theta,
                         double variance);
