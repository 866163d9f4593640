// The forward process of Section 2: it adds noise to data.
// Shapes: x_0, x_prev = x_{t-1}, x_t, eps and every result that is a Tensor are (B, ...), B images.
// Nothing is overwritten. A t outside of 1..T or unequal shapes throw std::logic_error.
// Checked by: tests/equations/processes.cpp, tests/ddpm/test_forward.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "ddpm/schedule.h"
#include "tensor/tensor.h"

namespace ddpm {

// Eq. (2): takes one step, from x_{t-1} to x_t. All images have the same t.
Tensor forward_step(const Schedule&, int t, const Tensor& x_prev, const Tensor& eps);

// Eq. (2): returns log q(x_t | x_{t-1}) of each image, in nats. All images have the same t.
PerImage forward_log_density(const Schedule&, int t, const Tensor& x_prev, const Tensor& x_t);

// Eq. (4): takes t steps at once, from x_0 to x_t. Each image has its own time: t (B).
Tensor q_sample(const Schedule&, const std::vector<int>& t, const Tensor& x_0, const Tensor& eps);

}  // namespace ddpm
