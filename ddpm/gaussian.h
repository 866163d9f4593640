// What the paper's Gaussians are made of: standard normal noise, and sums of
// two images with coefficients. Every N(mean, σ² I) is drawn as mean + σ z.
// Checked by: tests/test_ddpm.cpp, tests/test_sample.cpp.
#pragma once

#include <vector>

#include "tensor/tensor.h"

// ε ~ N(0, I) of the shape (B, …): image b from the stream of index
// first.index + b, so that it does not depend on the batch around it.
Tensor standard_normal(const Shape& shape, Stream first);

// a x + c y, with one pair of coefficients for all images, or one for each
// image: a, c (B). x, y and the result (B, …).
Tensor mix(double a, const Tensor& x, double c, const Tensor& y);
Tensor mix(const std::vector<double>& a, const Tensor& x, const std::vector<double>& c,
           const Tensor& y);
