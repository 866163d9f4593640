// The discrete decoder: see decoder.h. Section 3.3 of the paper. The official code approximates the
// normal distribution function by a tanh; this code does not.
#include "ddpm/decoder.h"

#include <cmath>
#include <numbers>

namespace ddpm {

namespace {

// Returns log P(Z > z) for Z ~ N(0, 1). For z >= 5 it uses Laplace's continued fraction
//   P(Z > z) = phi(z) / (z + 1/(z + 2/(z + 3/(z + ...))))
// with 60 terms, which are exact to double precision for such z.
double log_upper_tail(double z) {
  if (z < 0) return std::log1p(-0.5 * std::erfc(-z / std::numbers::sqrt2));
  if (z < 5) return std::log(0.5 * std::erfc(z / std::numbers::sqrt2));
  double fraction = z;
  for (int k = 60; k >= 1; --k) fraction = z + k / fraction;
  return -0.5 * z * z - 0.5 * std::log(2 * std::numbers::pi) - std::log(fraction);
}

// Returns log P(m - h < Z < m + h), integrating phi(z) / phi(m) by the six-point Gauss-Legendre rule.
// For h max(1, m) < 1/4 the error is below 1e-16, and no digits cancel.
double log_narrow(double m, double h) {
  constexpr double points[3][2] = {{0.23861918608319691, 0.46791393457269105},  // u, weight
                                   {0.66120938646626451, 0.36076157304813861},
                                   {0.93246951420315203, 0.17132449237917034}};
  double sum = 0;
  for (const auto& [u, weight] : points)
    sum += weight * std::exp(-0.5 * h * h * u * u) * 2 * std::cosh(m * h * u);
  return -0.5 * m * m - 0.5 * std::log(2 * std::numbers::pi) + std::log(h) + std::log(sum);
}

// Returns log P(m - h < Z < m + h) for m >= 0. A wide interval is a difference of upper tails: for
// m >= 0 these are the smaller ones and keep their digits. Returns -infinity if the logarithm overflows.
double log_interval(double m, double h) {
  if (h * std::fmax(1, m) < 0.25) return log_narrow(m, h);
  const double inner = log_upper_tail(m - h), outer = log_upper_tail(m + h);
  return std::isinf(inner) ? inner : inner + std::log1p(-std::exp(outer - inner));
}

// Returns the byte of level x. Throws Error if x is no level.
int byte_of(double x) {
  const double byte = std::round((x + 1) * 127.5);
  if (!(0 <= byte && byte <= 255 && std::fabs(x - (byte / 127.5 - 1)) < 1e-3))
    fail("x_0 = ", x, " is none of the 256 levels byte / 127.5 - 1 that the discrete decoder takes");
  return int(byte);
}

}  // namespace

double log_level_probability(double x, double mean, double variance) {
  require_variance(variance);
  const int byte = byte_of(x);
  if (!std::isfinite(mean)) fail("the discrete decoder's mean must be finite, not ", mean);
  // The distance of the level from the mean, and half the width of its bin, both in units of sigma_1.
  const double sigma = std::sqrt(variance);
  const double m = (byte / 127.5 - 1 - mean) / sigma, h = 1.0 / 255 / sigma;
  // Eq. (13):  integral of N(x; mu_theta, sigma_1^2) from delta_-(x_0) to delta_+(x_0),
  //            delta_+(x) = infinity if x = 1, else x + 1/255,
  //            delta_-(x) = -infinity if x = -1, else x - 1/255
  if (byte == 255) return log_upper_tail(m - h);
  if (byte == 0) return log_upper_tail(-m - h);
  return log_interval(std::fabs(m), h);
}

PerImage decoder_log_likelihood(const Tensor& x_0, const Tensor& mean, double variance) {
  ENSURE(x_0.shape() == mean.shape(), to_string(x_0.shape()), " and ", to_string(mean.shape()));
  const int64_t B = x_0.dim(0), n = x_0.size() / B;
  PerImage log_likelihood(B);
  // Eq. (13):  log p_theta(x_0 | x_1), the sum of the logarithms over all dimensions
  for (int64_t i = 0; i < x_0.size(); ++i)
    log_likelihood[i / n] += log_level_probability(x_0.data()[i], mean.data()[i], variance);
  return log_likelihood;
}

void require_levels(const Tensor& x_0) {
  for (int64_t i = 0; i < x_0.size(); ++i) byte_of(x_0.data()[i]);
}

}  // namespace ddpm
