// Densities on a grid: see law.h.
#include "tests/support/law.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/types.h"

namespace ddpm::test {

double Law::expect(const std::function<double(double)>& f) const {
  double sum = 0;
  for (size_t i = 0; i < density.size(); ++i) sum += density[i] * f(x(i)) * step;
  return sum;
}

Law law_of(double low, double high, double step, const std::function<double(double)>& density) {
  Law law{low, step, {}};
  for (double x = low; x <= high; x = law.x(law.density.size())) law.density.push_back(density(x));
  return law;
}

Law moved(const Law& from, const std::function<double(double)>& mean, double sigma) {
  ENSURE(sigma >= from.step, sigma, " on a grid of ", from.step);
  Law to{from.low, from.step, std::vector<double>(from.density.size(), 0.0)};
  const double scale = from.step / (sigma * std::sqrt(2 * std::numbers::pi));
  const int last = int(to.density.size()) - 1, reach = int(9 * sigma / to.step);
  for (size_t i = 0; i < from.density.size(); ++i) {
    if (from.density[i] < 1e-30) continue;
    const double centre = mean(from.x(i));
    const int middle = int(std::lround((centre - to.low) / to.step));
    for (int j = std::max(0, middle - reach); j <= std::min(last, middle + reach); ++j) {
      const double z = (to.x(j) - centre) / sigma;
      to.density[j] += from.density[i] * scale * std::exp(-0.5 * z * z);
    }
  }
  return to;
}

double Distribution::operator()(double at) const {
  const auto above = std::upper_bound(x.begin(), x.end(), at);
  if (above == x.begin()) return 0;
  if (above == x.end()) return 1;
  const size_t i = above - x.begin();
  return std::lerp(probability[i - 1], probability[i], (at - x[i - 1]) / (x[i] - x[i - 1]));
}

Distribution distribution(const Law& law, const std::function<double(double)>& map) {
  Distribution out;
  double sum = 0;
  for (size_t i = 0; i < law.density.size(); ++i) {
    if (i > 0) sum += 0.5 * (law.density[i - 1] + law.density[i]) * law.step;
    out.x.push_back(map(law.x(i)));
    out.probability.push_back(sum);
    ENSURE(i == 0 || out.x[i] > out.x[i - 1], "the map does not increase at ", law.x(i));
  }
  return out;
}

double distance(const std::function<double(double)>& F, const std::function<double(double)>& G) {
  double largest = 0;
  for (double x = -4; x < 4; x += 0.005) largest = std::max(largest, std::fabs(F(x) - G(x)));
  return largest;
}

}  // namespace ddpm::test
