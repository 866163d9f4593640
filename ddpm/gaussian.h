// Arithmetic of the paper's Gaussians: noise, linear combinations, squared norms, log-densities.
// Shapes: tensors are (B, ...), B images. Nothing is overwritten. Unequal shapes throw
// std::logic_error.
// Checked by: tests/ddpm/test_gaussian.cpp.
#pragma once

#include <valarray>
#include <vector>

#include "tensor/tensor.h"

namespace ddpm {

// One number per image of a batch: (B).
using PerImage = std::valarray<double>;

// Draws eps ~ N(0, I) of shape (B, ...). Image b uses the stream with index first.index + b, so
// its noise does not depend on the other images of the batch.
Tensor standard_normal(const Shape& shape, Stream first);

// Returns a x.
Tensor scale(double a, const Tensor& x);

// Returns a x + c y, with the same a and c for all images.
Tensor linear_combination(double a, const Tensor& x, double c, const Tensor& y);
// Returns a[b] x[b] + c[b] y[b] for each image b: a, c (B).
Tensor linear_combination(const std::vector<double>& a, const Tensor& x, const std::vector<double>& c,
                          const Tensor& y);

// Returns ||x||^2 of each image, summed in double.
PerImage squared_norm(const Tensor& x);
// Returns ||x - y||^2 of each image, summed in double.
PerImage squared_distance(const Tensor& x, const Tensor& y);

// Returns log N(x; mean, variance I) of each image, in nats. Throws Error unless 0 < variance < infinity.
PerImage log_normal(const Tensor& x, const Tensor& mean, double variance);
// Returns log N(x; 0, I) of each image, in nats.
PerImage log_standard_normal(const Tensor& x);

// Throws Error unless 0 < variance < infinity. Call it before dividing by a variance.
void require_variance(double variance);

}  // namespace ddpm
