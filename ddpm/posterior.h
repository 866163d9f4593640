// The forward process's posterior q(x_{t−1} | x_t, x_0), Eq. (6) and Eq. (7).
// Checked by: tests/test_ddpm.cpp.
#pragma once

#include "ddpm/schedule.h"
#include "tensor/tensor.h"

// The mean of Eq. (6), as Eq. (7) gives it:
//   sqrt(alpha_bar_{t-1}) beta_t / (1 - alpha_bar_t) x_0
//   + sqrt(alpha_t) (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t) x_t
// x_0, x_t and the result (B, …); one t in 1..T for all. Its variance is
// Schedule::posterior_variance.
Tensor posterior_mean(const Schedule&, int t, const Tensor& x_0, const Tensor& x_t);
