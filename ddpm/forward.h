// The forward process: noise is added to data, Eq. (2) and Eq. (4).
// Checked by: tests/test_ddpm.cpp.
#pragma once

#include "ddpm/schedule.h"
#include "tensor/tensor.h"

// Eq. (4):  x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps
// x_0, eps and the result (B, …); t (B), each in 1..T.
Tensor q_sample(const Schedule&, const std::vector<int>& t, const Tensor& x_0, const Tensor& eps);
