// The forward process's posterior q(x_{t−1} | x_t, x_0), Eq. (6) and Eq. (7).
// Checked by: tests/equations/posterior.cpp, and at more places by tests/test_ddpm.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "ddpm/schedule.h"
#include "tensor/tensor.h"

namespace ddpm {

// The mean of Eq. (6), as Eq. (7) gives it:
//   sqrt(alpha_bar_{t-1}) beta_t / (1 - alpha_bar_t) x_0
//   + sqrt(alpha_t) (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t) x_t
// x_0, x_t and the result (B, …); one t in 1..T for all. Its variance is
// Schedule::posterior_variance.
Tensor posterior_mean(const Schedule&, int t, const Tensor& x_0, const Tensor& x_t);

// log q(x_{t−1} | x_t, x_0) of Eq. (6), in nats, of each image; x_prev is
// x_{t−1}. t in 2..T: at t = 1 it is the point x_0, which has no density (Error).
PerImage posterior_log_density(const Schedule&, int t, const Tensor& x_0, const Tensor& x_t,
                               const Tensor& x_prev);

}  // namespace ddpm
