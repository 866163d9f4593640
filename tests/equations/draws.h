// Tests of the numbers that Algorithms 1 and 2 draw. Distributions: Kolmogorov's and the chi-square test at
// level 0.1 %. Correlations: 4 standard errors (level 6e-5). Used by: tests/equations/algorithms.cpp.
#pragma once

#include "tests/equations/registry.h"

namespace ddpm::test::equations {

// Compares z, images of two numbers, with independent draws from N(0, 1). They must also be independent of
// the next dimension, of the next image, and of others[i], number by number.
void is_noise(const std::vector<real>& z, const std::vector<real>& others, Worst&, const std::string& name);

// Compares t with independent draws from the uniform distribution on 1..T, where T = 6. Returns false if a
// number is outside of 1..T.
bool is_uniform(const std::vector<int>& t, int T, Worst&);

// Returns t, scaled to mean 0 and variance 1, `dimensions` times for each image.
std::vector<real> standardized(const std::vector<int>& t, int T, int dimensions);

// Returns the mean of a[i] b[i + shift], where the index wraps around.
double mean_product(const std::vector<real>& a, const std::vector<real>& b, size_t shift);

}  // namespace ddpm::test::equations
