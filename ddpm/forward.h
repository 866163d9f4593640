// The forward process: noise is added to data, Eq. (2) and Eq. (4).
// Checked by: tests/equations/processes.cpp, tests/test_ddpm.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "ddpm/schedule.h"
#include "tensor/tensor.h"

namespace ddpm {

// Eq. (2):  x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) eps
// One step. x_prev is x_{t−1}; x_prev, eps and the result (B, …); one t in
// 1..T for all.
Tensor forward_step(const Schedule&, int t, const Tensor& x_prev, const Tensor& eps);

// log q(x_t | x_{t−1}) of Eq. (2), in nats, of each image. x_prev is x_{t−1}.
PerImage forward_log_density(const Schedule&, int t, const Tensor& x_prev, const Tensor& x_t);

// Eq. (4):  x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps
// All t steps at once. x_0, eps and the result (B, …); t (B), each in 1..T.
Tensor q_sample(const Schedule&, const std::vector<int>& t, const Tensor& x_0, const Tensor& eps);

}  // namespace ddpm
