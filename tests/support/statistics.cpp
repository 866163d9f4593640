// Statistics of samples: see statistics.h.
#include "tests/support/statistics.h"

#include <algorithm>
#include <cmath>

namespace ddpm::test {

Normal fitted_normal(const std::vector<real>& sample) {
  double sum = 0, squares = 0;
  for (real x : sample) sum += x;
  const double mean = sum / double(sample.size());
  for (real x : sample) squares += (x - mean) * (x - mean);
  return {mean, squares / double(sample.size())};
}

double correlation(const std::vector<real>& x, const std::vector<real>& y) {
  const Normal a = fitted_normal(x), b = fitted_normal(y);
  double covariance = 0;
  for (size_t i = 0; i < x.size(); ++i) covariance += (x[i] - a.mean) * (y[i] - b.mean) / double(x.size());
  return covariance / std::sqrt(a.variance * b.variance);
}

double kolmogorov(std::vector<real> sample, const std::function<double(double)>& F) {
  std::sort(sample.begin(), sample.end());
  const double n = double(sample.size());
  double largest = 0;
  for (size_t i = 0; i < sample.size(); ++i) {
    const double p = F(sample[i]);
    largest = std::max({largest, double(i + 1) / n - p, p - double(i) / n});
  }
  return std::sqrt(n) * largest;
}

double chi_square(const std::vector<int>& counts, double expected) {
  double sum = 0;
  for (int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

}  // namespace ddpm::test
