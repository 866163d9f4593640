// ddpm/decoder.cpp: tails, wide and narrow sigma, the number of digits, and what is refused.
// Eq. (13) itself, in double: tests/equations/decoder.cpp.
#include "ddpm/decoder.h"

#include <doctest/doctest.h>

#include <cfloat>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "ddpm/data/image.h"
#include "tests/support/near.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

double level(int byte) { return byte / 127.5 - 1; }

// Returns the logarithm in long double, from the difference of two tails. The difference loses digits where
// the bin is narrow, but long double has three more.
long double in_long_double(int byte, long double mean, long double sigma) {
  long double a = ((byte - 0.5L) / 127.5L - 1 - mean) / sigma,
              b = ((byte + 0.5L) / 127.5L - 1 - mean) / sigma;
  if (byte == 0) a = -INFINITY;
  if (byte == 255) b = INFINITY;
  if (b < 0) std::swap(a, b), a = -a, b = -b;
  const long double root = std::sqrt(2.0L);
  if (a < 0) return std::log(0.5L * (std::erf(b / root) + std::erf(-a / root)));
  return std::log(0.5L * (std::erfc(a / root) - std::erfc(b / root)));
}

}  // namespace

TEST_CASE("decoder: far out in the tails the logarithm is finite and falls off as a square") {
  const double sigma = 0.01;
  for (double mean : {5.0, 50.0, 500.0}) {
    // The bin of byte 0 ends at -1 + 1/255: about -z^2/2 - log(z sqrt(2 pi)).
    const double z = (mean + 1 - 1 / 255.0) / sigma;
    const double want = -0.5 * z * z - std::log(z * std::sqrt(2 * std::numbers::pi));
    const double next_term = 1 / (z * z);
    CHECK(near(log_level_probability(-1, mean, sigma * sigma), want, next_term, 1e-12));
    CHECK(near(log_level_probability(1, -mean, sigma * sigma), want, next_term, 1e-12));
  }
  CHECK(near(log_level_probability(1, 9, 1e-4), 0, 1e-300));  // the whole mass is in the last bin
}

TEST_CASE("decoder: for a wide sigma the mass of a bin is density times width, to the last digits") {
  for (double sigma : {10.0, 1e3, 1e6, 1e9, 1e50, 1e150})
    for (double place : {0.0, 0.7, 3.0}) {  // the mean, in units of sigma
      const double mean = place * sigma, m = (mean - 101 / 127.5 + 1) / sigma, h = 1 / 255.0 / sigma;
      // The next term of the series in h is below (m h)^4 / 120 < 1e-14.
      const double want = -0.5 * m * m - 0.5 * std::log(2 * std::numbers::pi) + std::log(2 * h) +
                          std::log1p((m * m - 1) * h * h / 6);
      CHECK(near(log_level_probability(level(101), mean, sigma * sigma), want, 0, 1e-14));
      // The first level has the whole tail.
      const double below = log_level_probability(-1, mean, sigma * sigma);
      CHECK(near(below, std::log(0.5 * std::erfc((mean + 1 - 1 / 255.0) / sigma / std::numbers::sqrt2)),
                 1e-12));
    }
}

TEST_CASE("decoder: its two formulas agree where it changes from one to the other") {
  // h max(1, m) = 1/4, with m = 2 and h = 1/8: sigma = 8/255, 2 sigma from the level's middle.
  const double x = level(101), sigma = 8 / 255.0, step = 1e-9;
  for (double m : {2.0, -2.0}) {
    const double before = log_level_probability(x, x - (m - step) * sigma, sigma * sigma);
    const double after = log_level_probability(x, x - (m + step) * sigma, sigma * sigma);
    const auto twice_tail = [](double z) { return std::erfc(z / std::numbers::sqrt2); };
    const double want = std::log(0.5 * (twice_tail(1.875) - twice_tail(2.125)));
    CHECK(near(before, want, 3e-9));  // the slope is about -m
    CHECK(near(after, want, 3e-9));
    CHECK(near((before + after) / 2, want, 1e-13));  // half of step^2 and rounding
  }
}

TEST_CASE("decoder: a mean that is not finite is refused; where the logarithm overflows it is -infinity") {
  for (double mean : {std::nan(""), double(INFINITY), -double(INFINITY)})
    for (int byte : {0, 101, 255})
      CHECK(error_of([&] {
              log_level_probability(level(byte), mean, 1);
            }).starts_with("the discrete decoder's mean must be finite, not "));
  CHECK_THROWS_AS(log_level_probability(level(101), 0, 0), Error);
  const double huge = std::numeric_limits<double>::max();
  CHECK(log_level_probability(level(101), huge, 1e-4) == -INFINITY);
  CHECK(log_level_probability(-1, huge, 1e-4) == -INFINITY);
  CHECK(log_level_probability(1, huge, 1e-4) == 0);
}

TEST_CASE("decoder: all levels of `real` are taken, other numbers are refused") {
  for (int byte = 0; byte < 256; ++byte) CHECK_NOTHROW(log_level_probability(to_unit(uint8_t(byte)), 0, 1));
  for (double x : {-1.01, 1.01, 0.0, 0.3, std::nan(""), double(INFINITY)}) {
    CHECK(contains(error_of([&] { log_level_probability(x, 0, 1); }), "is none of the 256 levels"));
  }
}

#if LDBL_MANT_DIG >= 64  // elsewhere long double has no more digits than double
TEST_CASE("decoder: the error is at most 2e-14 max(1, |log p|) at every sigma") {
  double worst = 0;
  for (double sigma = 1e-3; sigma < 1e4; sigma *= 1.1)
    for (int byte : {0, 1, 5, 100, 127, 128, 254, 255})
      for (double mean : {-5.0, -1.0, -0.3, 0.0, 0.004, 0.5, 2.0}) {
        const long double want = in_long_double(byte, mean, sigma);
        if (!(want > -300)) continue;  // below that, long double underflows
        const long double error = std::fabs(log_level_probability(level(byte), mean, sigma * sigma) - want);
        worst = std::fmax(worst, double(error / std::fmax(1.0L, std::fabs(want))));
      }
  CHECK(near(worst, 0, 2e-14));  // rounding of (x - mean)/sigma, squared
}
#endif

}  // namespace ddpm::test
