// Arithmetic of the paper's Gaussians: see gaussian.h.
#include "ddpm/gaussian.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/kernels.h"

namespace ddpm {

Tensor standard_normal(const Shape& shape, Stream first) {
  Tensor eps(shape);
  const int B = shape.at(0);
  const int64_t n = eps.size() / B;
  for (int b = 0; b < B; ++b) {
    Stream stream = first;
    stream.index += uint32_t(b);
    kernels::fill_normal(n, stream, eps.data() + b * n);
  }
  return eps;
}

Tensor scale(double a, const Tensor& x) {
  Tensor out(x.shape());
  std::copy_n(x.data(), x.size(), out.data());
  kernels::scale(out.size(), real(a), out.data());
  return out;
}

Tensor linear_combination(double a, const Tensor& x, double c, const Tensor& y) {
  const size_t B = size_t(x.dim(0));
  return linear_combination(std::vector<double>(B, a), x, std::vector<double>(B, c), y);
}

Tensor linear_combination(const std::vector<double>& a, const Tensor& x, const std::vector<double>& c,
                          const Tensor& y) {
  ENSURE(x.shape() == y.shape(), to_string(x.shape()), " and ", to_string(y.shape()));
  const int B = x.dim(0);
  ENSURE(int(a.size()) == B && int(c.size()) == B, a.size(), " ", c.size());
  const std::vector<real> of_x(a.begin(), a.end()), of_y(c.begin(), c.end());
  Tensor out(x.shape());
  kernels::linear_combination(B, x.size() / B, of_x.data(), x.data(), of_y.data(), y.data(), out.data());
  return out;
}

PerImage squared_norm(const Tensor& x) {
  const int64_t B = x.dim(0), n = x.size() / B;
  PerImage sum(B);
  for (int64_t i = 0; i < x.size(); ++i) sum[i / n] += double(x.data()[i]) * double(x.data()[i]);
  return sum;
}

PerImage squared_distance(const Tensor& x, const Tensor& y) {
  ENSURE(x.shape() == y.shape(), to_string(x.shape()), " and ", to_string(y.shape()));
  const int64_t B = x.dim(0), n = x.size() / B;
  PerImage sum(B);
  for (int64_t i = 0; i < x.size(); ++i) {
    const double difference = double(x.data()[i]) - double(y.data()[i]);
    sum[i / n] += difference * difference;
  }
  return sum;
}

// log N(x; mean, variance I) = -||x - mean||^2 / (2 variance) - n/2 log(2 pi variance), where n is the
// number of dimensions.
static PerImage log_density(const PerImage& squared_distance, double n, double variance) {
  return -squared_distance / (2 * variance) - n / 2 * std::log(2 * std::numbers::pi * variance);
}

PerImage log_normal(const Tensor& x, const Tensor& mean, double variance) {
  require_variance(variance);
  return log_density(squared_distance(x, mean), double(x.size() / x.dim(0)), variance);
}

PerImage log_standard_normal(const Tensor& x) {
  return log_density(squared_norm(x), double(x.size() / x.dim(0)), 1);
}

void require_variance(double variance) {
  if (!(0 < variance && std::isfinite(variance)))
    fail("the variance of a density must be positive, not ", variance,
         ": for sigma_t^2 = beta_tilde_t, which is 0 at t = 1, use reverse_variances");
}

}  // namespace ddpm
