// The discrete decoder of Section 3.3: p_theta(x_0 | x_1) for integer data 0..255, scaled to the 256
// levels byte/127.5 - 1. With it the bound is the length of a lossless code.
// Checked by: tests/equations/decoder.cpp, tests/ddpm/test_decoder.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "tensor/tensor.h"

namespace ddpm {

// Eq. (13): returns the logarithm of one factor, in nats: the mass of N(mean, variance) in the bin of
// level x. The error is at most 2e-14 max(1, |log p|) for every mean and variance, also in tails where
// the mass underflows. Returns -infinity only where the logarithm overflows (|x - mean| > 1e154 sigma).
// Throws Error if x is more than 1e-3 away from every level, if mean is not finite, or unless
// 0 < variance < infinity.
double log_level_probability(double x, double mean, double variance);

// Eq. (13): returns log p_theta(x_0 | x_1) = -L_0 of each image, in nats, summed over its dimensions.
// x_0 holds levels, mean = mu_theta(x_1, 1); both (B, ...). variance = sigma_1^2. Errors as above.
// Unequal shapes throw std::logic_error.
PerImage decoder_log_likelihood(const Tensor& x_0, const Tensor& mean, double variance);

// Throws Error unless every number of x_0 is a level.
void require_levels(const Tensor& x_0);

}  // namespace ddpm
