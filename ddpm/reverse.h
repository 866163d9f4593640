// The reverse process p_θ(x_{t−1} | x_t) of Eq. (1): its mean from the
// predicted noise, Eq. (11) and Eq. (15), and its variance (Section 3.2).
// Checked by: tests/test_ddpm.cpp, tests/equations/posterior.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "ddpm/schedule.h"
#include "tensor/tensor.h"

// σ_t² = β_t ("fixed large", best for x_0 ~ N(0, I)) or β̃_t ("fixed small",
// best for a single point).
enum class Variance { beta, posterior };

struct ReverseConfig {
  Variance variance = Variance::beta;
  bool clip = true;  // clip x̂_0 to [−1, 1], as the released code does
};

// Eq. (15):  x_0 hat = (x_t - sqrt(1 - alpha_bar_t) eps) / sqrt(alpha_bar_t)
// x_t, eps and the result (B, …); one t in 1..T. Throws Error where ᾱ_t is so
// small that x_t says nothing about x_0 (√ᾱ_t < 1e-30).
Tensor predict_x0(const Schedule&, int t, const Tensor& x_t, const Tensor& eps);

// The mean of p_θ(x_{t−1} | x_t). Without the clip, Eq. (11)'s second form:
//   (1 / sqrt(alpha_t)) (x_t - beta_t / sqrt(1 - alpha_bar_t) eps)
// With it, Eq. (11)'s first form on the clipped Eq. (15).
Tensor reverse_mean(const Schedule&, int t, const Tensor& x_t, const Tensor& eps, bool clip);

// σ_t, not squared; at t = 1 the β̃ choice gives 0 (Algorithm 2 adds no noise there).
double sigma(const Schedule&, int t, Variance);

// σ_t² for t = 0..T (entry 0 is not used), all positive from t = 1 on: for
// densities and losses, which divide by it. At t = 1 the β̃ choice takes β̃_2.
// Throws Error for the β̃ choice with T = 1, which has no β̃_2.
std::vector<double> reverse_variances(const Schedule&, Variance);

// log p_θ(x_{t−1} | x_t) of Eq. (1) with σ_t² = variance and eps = ε_θ(x_t, t),
// without the clip; in nats, of each image. x_t, eps, x_before = x_{t−1}
// (B, …); one t in 1..T for all. Throws Error unless 0 < variance.
PerImage reverse_log_density(const Schedule&, int t, const Tensor& x_t, const Tensor& eps,
                             double variance, const Tensor& x_before);
