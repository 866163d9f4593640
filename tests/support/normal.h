// The normal distribution: its density and distribution function for single numbers, and tensors of draws
// as inputs of tests. Checked by: tests/support/test_statistics.cpp.
#pragma once

#include <cmath>
#include <numbers>

#include "kernels/kernels.h"
#include "tensor/random.h"
#include "tensor/tensor.h"

namespace ddpm::test {

// N(mean, variance).
struct Normal {
  double mean, variance;
};

// Returns log N(x; mean, variance).
inline double normal_log_density(double x, double mean, double variance) {
  return -0.5 * ((x - mean) * (x - mean) / variance + std::log(2 * std::numbers::pi * variance));
}

// Returns P(y <= x) for y ~ N(mean, variance).
inline double normal_cdf(double x, double mean = 0, double variance = 1) {
  return 0.5 * std::erfc(-(x - mean) / std::sqrt(2 * variance));
}

// Returns a tensor of standard normal numbers. Tensors with another index are independent of it.
inline Tensor normal(const Shape& shape, uint32_t index) {
  Tensor x(shape);
  kernels::fill_normal(x.size(), {1, purpose_test, 0, index}, x.data());
  return x;
}

}  // namespace ddpm::test
