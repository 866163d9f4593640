// See ddpm/figures/figure.h. Checked by: tests/ddpm/figures/test_figure.cpp.
#include "ddpm/figures/figure.h"

#include <cmath>

#include "ddpm/gaussian.h"

namespace ddpm {

std::vector<int> column_times(int T) {
  constexpr int intervals = 10;
  if (T < intervals)
    fail("the figure has ", intervals + 1, " columns, from t = 0 to T: T must be at least ", intervals,
         ", not ", T);
  std::vector<int> times;
  for (int64_t k = 0; k <= intervals; ++k) times.push_back(int(k * T / intervals));
  return times;
}

void require_grey_or_rgb(int C) {
  if (C != 1 && C != 3) fail("the images have ", C, " channels, a picture can have 1 or 3");
}

double root_mean_square(const Tensor& x) { return std::sqrt(squared_norm(x).sum() / double(x.size())); }

}  // namespace ddpm
