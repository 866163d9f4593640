// The losses: one term L_{t−1} of the bound in the forms that the paper brings it into,
// Eq. (8), (9), (10), (12), and what training makes of it, L_simple of Eq. (14).
// Source: Section 3.2, Section 3.4.
// Checked by: tests/equations/losses.cpp, tests/test_bound.cpp, tests/test_ddpm.cpp,
// tests/test_worlds_training.cpp.
#pragma once

#include <functional>

#include "ddpm/gaussian.h"
#include "ddpm/schedule.h"
#include "nn/unet.h"

namespace ddpm {

// ε_θ(x_t, t): whatever predicts the noise, a network or a formula. x_t and
// the result (B, …); t (B), each in 1..T.
using NoisePredictor = std::function<Tensor(Tape&, const Tensor& x_t, const std::vector<int>& t)>;

// Eq. (14):  L_simple = mean of (eps - eps_theta(x_t, t))^2
// with x_t from Eq. (4). x_0, eps (B, …); t (B) in 1..T. Returns shape (1),
// the mean over images and dimensions; per_image, if given, gets the B images'
// own.
Tensor simple_loss(Tape&, const NoisePredictor& eps_theta, const Schedule&, const Tensor& x_0,
                   const std::vector<int>& t, const Tensor& eps, std::vector<double>* per_image = nullptr);
// The same for the U-Net, images (B,H,W,C). dropout_stream as in Unet.
Tensor simple_loss(Tape&, const Unet&, const Schedule&, const Tensor& x_0, const std::vector<int>& t,
                   const Tensor& eps, const Stream* dropout_stream = nullptr,
                   std::vector<double>* per_image = nullptr);

// The U-Net's ε_θ(x_t, t), for the paper's t: the one place where the network's
// 0-based time is made. x_t (B,H,W,C), t (B).
Tensor predict_noise(Tape&, const Unet&, const Tensor& x_t, const std::vector<int>& t,
                     const Stream* dropout_stream = nullptr);

// L_{t−1} with Σ_θ = σ_t² I, in nats, summed over each image's dimensions, for one draw of the
// noise; one t for all images. Shapes: x_0, x_t, eps, eps_theta, mu_theta (B, …). variance is
// σ_t² (reverse_variances of ddpm/reverse.h); Error unless it is positive.
//
// Eq. (5): L_{t−1} = KL(q(x_{t−1} | x_t, x_0) ‖ p_θ(x_{t−1} | x_t)), t = 2..T:
// Eq. (8) with its constant C. Our own code must not ask for t = 1 (that is L_0).
PerImage step_term(const Schedule&, int t, const Tensor& x_0, const Tensor& x_t, const Tensor& mu_theta,
                   double variance);

// C of Eq. (8) for one dimension, t = 2..T: what the two variances alone cost.
// 0 for σ_t² = β̃_t, positive otherwise.
double step_constant(const Schedule&, int t, double variance);

// L_{t−1} − C, t = 1..T, in the paper's four forms; equal if x_t is x_t(x_0, eps)
// of Eq. (4) and mu_theta comes from eps_theta by Eq. (11).
// Eq. (8): between the means of q(x_{t−1} | x_t, x_0) and p_θ.
PerImage step_loss_posterior(const Schedule&, int t, const Tensor& x_0, const Tensor& x_t,
                             const Tensor& mu_theta, double variance);
// Eq. (9): x_t drawn as x_t(x_0, eps), x_0 put back in terms of x_t and eps.
PerImage step_loss_reparametrized(const Schedule&, int t, const Tensor& x_0, const Tensor& eps,
                                  const Tensor& mu_theta, double variance);
// Eq. (10): the same, worked out: what mu_theta must predict.
PerImage step_loss_target(const Schedule&, int t, const Tensor& x_0, const Tensor& eps,
                          const Tensor& mu_theta, double variance);
// Eq. (12): the weighted error of the predicted noise.
PerImage step_loss_noise(const Schedule&, int t, const Tensor& eps, const Tensor& eps_theta, double variance);

}  // namespace ddpm
