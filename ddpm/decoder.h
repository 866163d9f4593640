// The discrete decoder of Section 3.3: p_θ(x_0 | x_1) for data that are
// integers {0, …, 255}, so that bits are counted for the integers themselves.
// Checked by: tests/equations/decoder.cpp, tests/test_decoder.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "tensor/tensor.h"

namespace ddpm {

// The logarithm of one factor of Eq. (13), in nats: the mass that
// N(mean, variance) has in the bin of level x. x is one of the 256 levels
// byte/127.5 − 1. The error is at most 2e-14 · max(1, |log p|), for every
// mean and σ, tails where the mass itself would underflow included; −infinity only
// where the logarithm overflows (|x − mean| beyond 1e154 σ). Throws Error if x is no level (more than
// 1e-3 away), if mean is not finite, or unless 0 < variance < infinity.
double log_level_probability(double x, double mean, double variance);

// Eq. (13): log p_θ(x_0 | x_1), in nats, summed over each image: −L_0.
// x_0 levels, mean = μ_θ(x_1, 1); both (B, …). variance = σ_1². Errors as above.
PerImage decoder_log_likelihood(const Tensor& x_0, const Tensor& mean, double variance);

// Throws Error unless all of x_0 are levels.
void require_levels(const Tensor& x_0);

}  // namespace ddpm
