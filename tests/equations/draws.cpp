// Tests of drawn numbers: see draws.h.
#include "tests/equations/draws.h"

#include "tests/support/law.h"

namespace ddpm::test::equations {

void is_noise(const std::vector<real>& z, const std::vector<real>& others, Worst& worst,
              const std::string& name) {
  const double n = double(z.size());
  const auto standard = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  worst.near(kolmogorov(z, standard), 0, kolmogorov_level_0_001, name, ": sqrt(n) |F_n - F|");
  double beside = 0, next = 0, across = 0, scale = 1e-300;
  for (size_t i = 0; i < z.size(); ++i) {
    beside += z[i] * z[(i + 1) % z.size()], next += z[i] * z[(i + 2) % z.size()];
    across += z[i] * others.at(i), scale += others[i] * others[i];
  }
  const double allowed = 4 / std::sqrt(n);
  worst.near(beside / n, 0, allowed, name, ": correlation with the next number");
  worst.near(next / n, 0, allowed, name, ": correlation with the next image");
  worst.near(across / std::sqrt(n * scale), 0, allowed, name, ": correlation with the others");
}

bool is_uniform(const std::vector<int>& t, int T, Worst& worst) {
  std::vector<double> count(T + 1);
  double outside = 0;
  for (int time : t) 1 <= time&& time <= T ? ++count[time] : ++outside;
  worst.near(outside, 0, 0, "line 3: times outside 1..T");
  if (outside > 0) return false;
  const double expected = double(t.size()) / T;
  double chi_square = 0;
  for (int time = 1; time <= T; ++time)
    chi_square += (count[time] - expected) * (count[time] - expected) / expected;
  worst.near(chi_square, (20.52 + 0.21) / 2, (20.52 - 0.21) / 2, "line 3: chi-square of t's counts");
  return true;
}

std::vector<real> standardized(const std::vector<int>& t, int T, int dimensions) {
  std::vector<real> out;
  for (int time : t)
    out.insert(out.end(), dimensions, (time - 0.5 * (T + 1)) / std::sqrt((T * T - 1) / 12.0));
  return out;
}

double correlation(const std::vector<real>& a, const std::vector<real>& b, size_t shift) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[(i + shift) % b.size()] / a.size();
  return sum;
}

}  // namespace ddpm::test::equations
