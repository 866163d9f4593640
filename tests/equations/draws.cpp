// Tests of drawn numbers: see draws.h.
#include "tests/equations/draws.h"

#include "tests/support/statistics.h"

namespace ddpm::test::equations {

void is_noise(const std::vector<real>& z, const std::vector<real>& others, Worst& worst,
              const std::string& name) {
  const auto F = [](double x) { return normal_cdf(x); };
  worst.near(kolmogorov(z, F), 0, kolmogorov_level_0_001, name, ": sqrt(n) |F_n - F|");
  const double allowed = 4 / std::sqrt(double(z.size()));
  const double scale = std::sqrt(mean_product(others, others, 0) + 1e-300);  // others may be zeros
  worst.near(mean_product(z, z, 1), 0, allowed, name, ": correlation with the next number");
  worst.near(mean_product(z, z, 2), 0, allowed, name, ": correlation with the next image");
  worst.near(mean_product(z, others, 0) / scale, 0, allowed, name, ": correlation with other numbers");
}

bool is_uniform(const std::vector<int>& t, int T, Worst& worst) {
  std::vector<int> count(T);
  int outside = 0;
  for (int time : t) 1 <= time&& time <= T ? ++count[time - 1] : ++outside;
  worst.near(outside, 0, 0, "line 3: times outside of 1..T");
  if (outside > 0) return false;
  // 5 degrees of freedom, 0.1 % on each side: equal counts are as suspicious as a missing t.
  const double statistic = chi_square(count, double(t.size()) / T);
  worst.near(statistic, (20.52 + 0.21) / 2, (20.52 - 0.21) / 2, "line 3: chi-square of the counts of t");
  return true;
}

std::vector<real> standardized(const std::vector<int>& t, int T, int dimensions) {
  std::vector<real> out;
  for (int time : t)
    out.insert(out.end(), dimensions, (time - 0.5 * (T + 1)) / std::sqrt((T * T - 1) / 12.0));
  return out;
}

double mean_product(const std::vector<real>& a, const std::vector<real>& b, size_t shift) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b.at((i + shift) % b.size());
  return sum / double(a.size());
}

}  // namespace ddpm::test::equations
