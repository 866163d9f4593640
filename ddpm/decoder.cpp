// The discrete decoder: see decoder.h. Section 3.3 of the paper; where the
// official code approximates the normal distribution by a tanh, this is exact.
#include "ddpm/decoder.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace {

// log P(Z > z) for Z ~ N(0, 1) and z >= 0. From z = 5 on by Laplace's continued fraction
//   P(Z > z) = phi(z) / (z + 1/(z + 2/(z + 3/(z + ...)))),
// of which 60 levels give all digits there.
double log_upper_tail(double z) {
  if (z < 5) return std::log(0.5 * std::erfc(z / std::numbers::sqrt2));
  double fraction = z;
  for (int level = 60; level >= 1; --level) fraction = z + level / fraction;
  return -0.5 * z * z - 0.5 * std::log(2 * std::numbers::pi) - std::log(fraction);
}

// log P(a < Z < b): both ends are turned to the right, where tails are small.
double log_interval(double a, double b) {
  if (b <= 0) return log_interval(-b, -a);
  if (a < 0) return std::log1p(-std::exp(log_upper_tail(-a)) - std::exp(log_upper_tail(b)));
  const double outer = log_upper_tail(a);
  return outer + std::log1p(-std::exp(log_upper_tail(b) - outer));
}

}  // namespace

double log_level_probability(double x, double mean, double variance) {
  require_variance(variance);
  const double byte = std::round((x + 1) * 127.5), level = byte / 127.5 - 1;
  if (!(0 <= byte && byte <= 255 && std::fabs(x - level) < 1e-3))
    fail("x_0 = ", x, " is none of the 256 levels byte / 127.5 - 1 that the discrete decoder is for");
  constexpr double infinity = std::numeric_limits<double>::infinity();
  // Eq. (13):  delta_+(x) = infinity if x = 1, else x + 1/255
  //            delta_-(x) = -infinity if x = -1, else x - 1/255
  const double above = byte == 255 ? infinity : level + 1.0 / 255;
  const double below = byte == 0 ? -infinity : level - 1.0 / 255;
  // Eq. (13):  integral of N(x; mu_theta, sigma_1^2) from delta_-(x_0) to delta_+(x_0)
  const double sigma = std::sqrt(variance);
  return log_interval((below - mean) / sigma, (above - mean) / sigma);
}

PerImage decoder_log_likelihood(const Tensor& x_0, const Tensor& mean, double variance) {
  ENSURE(x_0.shape() == mean.shape(), to_string(x_0.shape()), " and ", to_string(mean.shape()));
  const int64_t B = x_0.dim(0), n = x_0.size() / B;
  PerImage log_likelihood(B);
  // Eq. (13):  log p_theta(x_0 | x_1) = sum over dimensions of the log integrals
  for (int64_t i = 0; i < x_0.size(); ++i)
    log_likelihood[i / n] += log_level_probability(x_0.data()[i], mean.data()[i], variance);
  return log_likelihood;
}
