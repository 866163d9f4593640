// The reverse process of Eq. (1): where it starts, p(x_T), and its steps
// p_θ(x_{t−1} | x_t): their mean from the predicted noise, Eq. (11) and Eq. (15),
// their variance (Section 3.2). Shapes: x_t, eps = ε_θ(x_t, t), x_prev = x_{t−1}
// and every result that is a Tensor (B, …), one t in 1..T for all images. Nothing
// is overwritten. A wrong t or shape is a std::logic_error.
// Checked by: tests/equations/posterior.cpp, tests/equations/processes.cpp, tests/test_ddpm.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "ddpm/schedule.h"
#include "tensor/tensor.h"

namespace ddpm {

// Section 3.2: σ_t² = β_t (the official code's "fixedlarge", best for x_0 ~ N(0, I))
// or β̃_t ("fixedsmall", best for a single point).
enum class Variance { beta, posterior };

// Whether x̂_0 is clipped to [−1, 1] before the mean is taken from it (Departure 2).
enum class Clip { off, on };

struct ReverseConfig {
  Variance variance = Variance::beta;
  Clip clip = Clip::on;
};

// Eq. (15):  x_0 hat = (x_t - sqrt(1 - alpha_bar_t) eps) / sqrt(alpha_bar_t)
// In units of x_0; an error of eps is 157 times as large here at t = T of the
// paper's schedule. Throws
// Error where ᾱ_t is so small that x_t says nothing about x_0 (√ᾱ_t < 1e-30).
Tensor predict_x0(const Schedule&, int t, const Tensor& x_t, const Tensor& eps);

// μ_θ(x_t, t), the mean of p_θ(x_{t−1} | x_t). Without the clip, Eq. (11)'s second form:
//   (1 / sqrt(alpha_t)) (x_t - beta_t / sqrt(1 - alpha_bar_t) eps)
// With it, Eq. (11)'s first form on Eq. (15) clipped to [−1, 1]; throws Error
// where predict_x0 does.
Tensor reverse_mean(const Schedule&, int t, const Tensor& x_t, const Tensor& eps, Clip);

// Section 3.2: σ_t, not squared; at t = 1 the β̃ choice gives 0 (Algorithm 2 adds
// no noise there).
double sigma(const Schedule&, int t, Variance);

// Section 3.2: σ_t² for t = 0..T (entry 0 is not used), all positive from t = 1
// on: for densities and losses, which divide by it. At t = 1 the β̃ choice takes
// β̃_2, as the official code does. Throws Error for the β̃ choice with T = 1,
// which has no β̃_2.
std::vector<double> reverse_variances(const Schedule&, Variance);

// log p(x_T) of Eq. (1), in nats, of each image. x_T (B, …).
PerImage prior_log_density(const Tensor& x_T);

// log p_θ(x_{t−1} | x_t) of Eq. (1) with σ_t² = variance, without the clip; in
// nats, of each image. Throws Error unless 0 < variance < infinity.
PerImage reverse_log_density(const Schedule&, int t, const Tensor& x_t, const Tensor& eps, double variance,
                             const Tensor& x_prev);

}  // namespace ddpm
