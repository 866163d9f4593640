// The reverse process of Section 3.2: p(x_T) and p_theta(x_{t-1} | x_t), with the mean computed from
// the predicted noise and a fixed variance sigma_t^2.
// Shapes: x_t, x_T, x_prev = x_{t-1}, eps_hat = eps_theta(x_t, t) and every result that is a Tensor are
// (B, ...), B images with the same t. Nothing is overwritten. A t outside of 1..T or unequal shapes
// throw std::logic_error.
// Checked by: tests/equations/posterior.cpp, tests/equations/processes.cpp, tests/ddpm/test_reverse.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "ddpm/schedule.h"
#include "tensor/tensor.h"

namespace ddpm {

// Section 3.2: sigma_t^2 = beta_t (optimal for x_0 ~ N(0, I); "fixedlarge" in the official code) or
// sigma_t^2 = beta_tilde_t (optimal if x_0 is a single point; "fixedsmall").
enum class Variance { beta, posterior };

// Clip::on (Departure 2): the mean is computed from x_0_hat, clipped to [-1, 1]. Clip::off: by Eq. (11).
enum class Clip { off, on };

struct ReverseConfig {
  Variance variance = Variance::beta;
  Clip clip = Clip::on;
};

// Eq. (15): returns x_0_hat, the estimate of x_0 from the predicted noise. An error of eps_hat
// is multiplied by sqrt(1 - alpha_bar_t) / sqrt(alpha_bar_t): by 157 at t = T of the paper's schedule.
// The result may not be finite where alpha_bar_t is tiny.
Tensor predict_x0(const Schedule&, int t, const Tensor& x_t, const Tensor& eps_hat);

// Returns x_0_hat of Eq. (15), clipped to [-1, 1] (Departure 2). Throws Error where x_t holds nothing
// of x_0 (require_signal).
Tensor clipped_x0(const Schedule&, int t, const Tensor& x_t, const Tensor& eps_hat);

// Throws Error unless sqrt(alpha_bar_t) > 1e-30. Below that, x_t holds nothing of x_0.
void require_signal(const Schedule&, int t);

// Eq. (11): returns mu_theta(x_t, t), the mean of p_theta(x_{t-1} | x_t), without the clip.
Tensor reverse_mean(const Schedule&, int t, const Tensor& x_t, const Tensor& eps_hat);

// Section 3.2: returns sigma_t, the standard deviation, in units of x. It is 0 for
// Variance::posterior at t = 1. Algorithm 2 does not need it there, because z = 0.
double sigma(const Schedule&, int t, Variance);

// Section 3.2: returns sigma_t^2 for t = 0..T; entry 0 is 0 and unused. All others are positive, so
// that densities and losses can divide by them: with Variance::posterior entry 1 is beta_tilde_2
// instead of beta_tilde_1 = 0 (Departure 12). With Variance::beta entry 1 is beta_1; the official code
// takes beta_tilde_2 there as well. Throws Error for Variance::posterior with T = 1.
std::vector<double> reverse_variances(const Schedule&, Variance);

// Eq. (1): returns log p(x_T) of each image, in nats.
PerImage prior_log_density(const Tensor& x_T);

// Eq. (1): returns log p_theta(x_{t-1} | x_t) of each image, in nats, with sigma_t^2 = variance and
// the mean of Eq. (11). Throws Error unless 0 < variance < infinity.
PerImage reverse_log_density(const Schedule&, int t, const Tensor& x_t, const Tensor& eps_hat,
                             double variance, const Tensor& x_prev);

}  // namespace ddpm
