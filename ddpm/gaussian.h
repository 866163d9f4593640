// What the paper's Gaussians are made of: standard normal noise, sums of two
// images with coefficients, log-densities. Every N(mean, σ² I) is drawn as mean + σ z.
// Checked by: tests/test_ddpm.cpp, tests/test_sample.cpp, tests/test_bound.cpp.
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace ddpm {

// ε ~ N(0, I) of the shape (B, …): image b from the stream of index
// first.index + b, so that it does not depend on the batch around it.
Tensor standard_normal(const Shape& shape, Stream first);

// a x + c y, with one pair of coefficients for all images, or one for each
// image: a, c (B). x, y and the result (B, …).
Tensor linear_combination(double a, const Tensor& x, double c, const Tensor& y);
Tensor linear_combination(const std::vector<double>& a, const Tensor& x, const std::vector<double>& c,
                          const Tensor& y);

// One number for each image of a batch: (B). Nats, unless another unit is named.
using PerImage = std::vector<double>;

// ‖x − y‖² / (2 variance) of each image: the exponent of N(x; y, variance I).
// x, y (B, …). Throws Error unless 0 < variance.
PerImage scaled_distance(const Tensor& x, const Tensor& y, double variance);

// log N(x; mean, variance I) of each image. x, mean (B, …). Throws Error
// unless 0 < variance.
PerImage log_normal(const Tensor& x, const Tensor& mean, double variance);

// Throws Error unless 0 < variance < infinity: for what divides by a variance.
void require_variance(double variance);

}  // namespace ddpm
