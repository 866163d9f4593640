// The posterior of the forward process, q(x_{t-1} | x_t, x_0): Section 2, Eq. (6) and Eq. (7).
// Shapes: x_0, x_t, x_prev = x_{t-1} and every result that is a Tensor are (B, ...), B images with
// the same t. Nothing is overwritten. A t outside of 1..T or unequal shapes throw std::logic_error.
// Checked by: tests/equations/posterior.cpp, tests/ddpm/test_posterior.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "ddpm/schedule.h"
#include "tensor/tensor.h"

namespace ddpm {

// Eq. (7): the coefficients of x_0 and x_t in the posterior's mean, mu_tilde_t.
struct PosteriorCoefficients {
  double x_0, x_t;
};
PosteriorCoefficients posterior_coefficients(const Schedule&, int t);

// Eq. (7): returns mu_tilde_t(x_t, x_0), the mean of Eq. (6). Note the order: x_0 comes first here.
Tensor posterior_mean(const Schedule&, int t, const Tensor& x_0, const Tensor& x_t);

// Eq. (7): returns beta_tilde_t, the variance of Eq. (6). It is 0 at t = 1.
double posterior_variance(const Schedule&, int t);

// Eq. (6): returns log q(x_{t-1} | x_t, x_0) of each image, in nats. Throws Error at t = 1, where
// the posterior is the single point x_0 and has no density.
PerImage posterior_log_density(const Schedule&, int t, const Tensor& x_0, const Tensor& x_t,
                               const Tensor& x_prev);

}  // namespace ddpm
