// Eq. (13): the discrete decoder, compared with the integral by Simpson's rule. The code: ddpm/decoder.cpp.
#include "ddpm/decoder.h"

#include <numbers>

#include "tests/equations/number.h"
#include "tests/equations/registry.h"

namespace ddpm::test::equations {

// Eq. (13):  p_theta(x_0 | x_1) = product over i of
//              integral of N(x; mu_theta^i(x_1, 1), sigma_1^2) from delta_-(x_0^i) to delta_+(x_0^i),
//            delta_+(x) = infinity if x = 1, else x + 1/255,
//            delta_-(x) = -infinity if x = -1, else x - 1/255
namespace {

// Returns the logarithm of the integral of N(x; 0, 1) from a to b, by Simpson's rule. The density is divided
// by its maximum on [a, b], because it underflows in the tails.
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

// Compares one factor, for the level byte / 127.5 - 1.
void level(int byte, double mean, double sigma, Worst& worst) {
  // The edges of a bin are half way between levels. The first and the last bin are half-lines.
  const double low = byte == 0 ? -INFINITY : (byte - 0.5) / 127.5 - 1;
  const double high = byte == 255 ? INFINITY : (byte + 0.5) / 127.5 - 1;
  const double want = log_integral((low - mean) / sigma, (high - mean) / sigma);
  const double got = log_level_probability(byte / 127.5 - 1, mean, sigma * sigma);
  // Simpson's rule with steps of at most 0.01: h^4 / 180 times a third derivative of 1.
  worst.near(got, want, 1e-9 * (1 + std::fabs(want)), "byte ", byte, ", mean ", mean, ", sigma ", sigma);
}

// Compares two images of three pixels: the product over the pixels of each image.
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

EQUATION(13, "the discrete decoder: the mass of a Gaussian in the bin of a level",
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
