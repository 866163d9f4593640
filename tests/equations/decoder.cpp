// Eq. (13): the discrete decoder.
#include "ddpm/decoder.h"

#include <numbers>

#include "tests/equations/number.h"
#include "tests/equations/registry.h"

namespace ddpm::test::equations {

// Eq. (13):  p_θ(x_0 | x_1) = Π_{i=1}^D ∫_{δ−(x_0^i)}^{δ+(x_0^i)} N(x; μ_θ^i(x_1, 1), σ_1²) dx,
//            δ+(x) = ∞ if x = 1, x + 1/255 if x < 1;  δ−(x) = −∞ if x = −1, x − 1/255 if x > −1
namespace {

// log ∫ N(x; 0, 1) from a to b by Simpson's rule. The density is divided by its
// largest value in [a, b], so that tails where it underflows count as well.
double log_integral(double a, double b) {
  const double nearest = std::fmin(std::fmax(0, a), b), reach = 40 / std::fmax(1, std::fabs(nearest));
  const double low = std::fmax(a, nearest - reach), high = std::fmin(b, nearest + reach);
  const int n = 8000;
  double sum = 0;
  for (int i = 0; i <= n; ++i) {
    const double z = low + (high - low) * i / n;
    const double weight = i == 0 || i == n ? 1 : i % 2 ? 4 : 2;
    sum += weight * std::exp(-0.5 * (z - nearest) * (z + nearest));
  }
  const double scale = -0.5 * nearest * nearest - 0.5 * std::log(2 * std::numbers::pi);
  return scale + std::log(sum * (high - low) / (3 * n));
}

// One factor, for levels x_0 = byte/127.5 − 1.
void level(int byte, double mean, double sigma, Worst& worst) {
  // Bin edges half way between levels; the first and the last bin have no outer edge.
  const double low = byte == 0 ? -INFINITY : (byte - 0.5) / 127.5 - 1;
  const double high = byte == 255 ? INFINITY : (byte + 0.5) / 127.5 - 1;
  const double want = log_integral((low - mean) / sigma, (high - mean) / sigma);
  const double got = log_level_probability(byte / 127.5 - 1, mean, sigma * sigma);
  // Simpson's rule with steps of at most 0.01: h^4 / 180 times a third derivative of 1.
  worst.near(got, want, 1e-9 * (1 + std::fabs(want)), "byte ", byte, ", mean ", mean, ", sigma ", sigma);
}

// Images of three pixels: the product of their levels' shares, each image its own.
void product_over_dimensions(Worst& worst) {
  Tensor x_0({2, 3});
  const Tensor mean = some_numbers({2, 3}, 0, 0.6);
  for (int i = 0; i < 6; ++i) x_0.data()[i] = (3 + 50 * i) / 127.5 - 1;
  const PerImage got = decoder_log_likelihood(x_0, mean, 0.09);
  for (int b : {0, 1}) {
    double want = 0;
    for (int i = 3 * b; i < 3 * b + 3; ++i) {
      const double low = x_0.data()[i] - 1 / 255.0, high = x_0.data()[i] + 1 / 255.0;
      want += log_integral((low - mean.data()[i]) / 0.3, (high - mean.data()[i]) / 0.3);
    }
    worst.near(got[b], want, 1e-9 * (1 + std::fabs(want)), "image ", b);  // Simpson's rule, see above
  }
}

}  // namespace

EQUATION(13, "the discrete decoder: a level's share of a Gaussian",
         "the 256 levels sum to 1; Simpson's rule on the bins, tails included") {
  Worst worst;
  for (double sigma : {0.001, 0.01, 0.016, 0.1, 1.0, 10.0, 1e3, 1e7, 1e10})
    for (double mean : {-3.0, -1.0, -0.5, 0.0, 0.3, 1.0, 2.0}) {
      double sum = 0;
      for (int byte = 0; byte < 256; ++byte)
        sum += std::exp(log_level_probability(byte / 127.5 - 1, mean, sigma * sigma));
      worst.near(sum, 1, 1e-11, "sum over the levels, mean ", mean, ", sigma ", sigma);  // 256 roundings
      for (int byte : {0, 1, 64, 127, 128, 254, 255}) level(byte, mean, sigma, worst);
    }
  product_over_dimensions(worst);
  return worst;
}

}  // namespace ddpm::test::equations
