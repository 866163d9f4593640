// The exact law of a one-dimensional Markov chain, as a density on a grid, and
// the Kolmogorov-Smirnov distance of a sample from a law. What Algorithm 2 and
// Langevin dynamics are held against. Checked by: tests/ddpm/test_worlds.cpp.
#pragma once

#include <functional>
#include <vector>

#include "kernels/types.h"

namespace ddpm::test {

// A density at the points low + i·step. It must be near 0 at both ends.
struct Law {
  double low, step;
  std::vector<double> density;

  double x(size_t i) const { return low + double(i) * step; }
  // E[f(x)]
  double expect(const std::function<double(double)>& f) const;
};

// The law with this density on the grid from low to high.
Law law_of(double low, double high, double step, const std::function<double(double)>& density);

// x' = mean(x) + sigma z, z ~ N(0, 1): the law of x', on the same grid. Sums
// over the grid stand for the integral: sigma must be at least one step.
Law moved(const Law&, const std::function<double(double)>& mean, double sigma);

// P(x <= …): a table, linear between its entries.
struct Distribution {
  std::vector<double> x, probability;
  double operator()(double at) const;
};
// The distribution of map(x), for a map that rises.
Distribution distribution(const Law&, const std::function<double(double)>& map);

// sqrt(n) times the largest distance between the sample's distribution and F. If
// the sample came from F, it is above 1.95 once in a thousand (Kolmogorov).
double kolmogorov(std::vector<real> sample, const std::function<double(double)>& F);
constexpr double kolmogorov_level_0_001 = 1.95;

struct Moments {
  double mean, variance;
};
Moments moments(const std::vector<real>& sample);

}  // namespace ddpm::test
