// The exact distribution ("law") of a one-dimensional Markov chain, as a density on a grid: what Algorithm 2
// and Langevin dynamics are compared with. Checked by: tests/support/test_law.cpp.
#pragma once

#include <functional>
#include <vector>

namespace ddpm::test {

// A density at the points low + i step. It must be near 0 at both ends.
struct Law {
  double low, step;
  std::vector<double> density;

  double x(size_t i) const { return low + double(i) * step; }
  // Returns E[f(x)].
  double expect(const std::function<double(double)>& f) const;
};

// Returns the law with this density, on the grid from low to high.
Law law_of(double low, double high, double step, const std::function<double(double)>& density);

// Returns the law of mean(x) + sigma z with z ~ N(0, 1), on the same grid. The integral over x is a sum
// over the grid: a sigma below one step throws std::logic_error.
Law moved(const Law&, const std::function<double(double)>& mean, double sigma);

// A distribution function P(X <= x): a table, linear between its entries.
struct Distribution {
  std::vector<double> x, probability;
  double operator()(double at) const;
};
// Returns the distribution function of map(x). A map that does not increase throws std::logic_error.
Distribution distribution(const Law&, const std::function<double(double)>& map);

// Returns the largest |F(x) - G(x)| for x in [-4, 4].
double distance(const std::function<double(double)>& F, const std::function<double(double)>& G);

}  // namespace ddpm::test
