// Statistics of samples: moments, correlation, and two tests of a distribution. All seeds in the tests are
// fixed; the levels given beside the tests are the probabilities of a false alarm with a fresh seed.
// Checked by: tests/support/test_statistics.cpp.
#pragma once

#include <functional>
#include <vector>

#include "tests/support/normal.h"

namespace ddpm::test {

// Returns the normal distribution with the sample's mean and variance.
Normal fitted_normal(const std::vector<real>& sample);

// Returns the correlation coefficient of x and y, which have the same size.
double correlation(const std::vector<real>& x, const std::vector<real>& y);

// Returns the statistic of Kolmogorov's test: sqrt(n) times the largest distance between the sample's
// distribution function and F. If the sample was drawn from F, it exceeds 1.95 with probability 0.001.
double kolmogorov(std::vector<real> sample, const std::function<double(double)>& F);
constexpr double kolmogorov_level_0_001 = 1.95;

// Returns the statistic of the chi-square test for counts that all have the same expectation: the sum of
// (count - expected)^2 / expected.
double chi_square(const std::vector<int>& counts, double expected);

}  // namespace ddpm::test
