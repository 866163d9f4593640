// The numbers that the paper prints, from this code's own schedule, networks and
// presets: Section 4, Section 4.3, Table 4 and appendix B.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "ddpm/presets.h"
#include "ddpm/reverse.h"
#include "tensor/pool.h"
#include "tests/near.h"

namespace {

const Schedule paper = make_schedule({});

// Millions of parameters of a preset's network, whose weights stay untouched.
double millions(const char* preset) {
  const double count = Unet(find_preset(preset).network).parameters().count() / 1e6;
  pool_trim();
  return count;
}

// Eq. (13) in bits/dim for a Gaussian error of x_0 with this root mean square, in
// pixel values: −log2 of the bin's mass, averaged over the error by a sum.
double decoder_bits(double rmse, double sigma) {
  const auto below = [](double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); };
  double bits = 0;
  const double step = 0.01;
  for (double z = -6; z < 6; z += step) {
    const double weight = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi) * step, error = z * rmse;
    bits -= weight * std::log2(below((error + 0.5) / sigma) - below((error - 0.5) / sigma));
  }
  return bits;
}

// The same with the density in place of the bin's mass:
//   log2(sqrt(2 pi) sigma) + rmse^2 / (2 sigma^2 ln 2)
double density_bits(double rmse, double sigma) {
  return std::log2(std::sqrt(2 * std::numbers::pi) * sigma) +
         rmse * rmse / (2 * sigma * sigma * std::numbers::ln2);
}

// Table 4's first row: T − t + 1 = 1000 of 1000 steps received.
constexpr double rate = 1.77581, rmse = 0.95136;

}  // namespace

TEST_CASE("Section 4: L_T is about 1e-5 bits/dim, whatever the data's mean square") {
  // Pictures scaled to [-1, 1] have a mean square between 0.1 and 1: "about" is half a power of ten.
  for (double mean_square : {0.2, 0.25, 0.5, 1.0})
    CHECK(near(std::log10(paper.prior_bits_per_dim(mean_square)), -5, 0.5));
  // "All constrained so that L_T is about 0": the other two schedules of Section 4 as well.
  CHECK(paper.prior_bits_per_dim(0.25) < 1e-3);
  CHECK(make_schedule({.kind = "scaled_linear"}).prior_bits_per_dim(0.25) < 1e-3);
  CHECK(Schedule(std::vector<double>(1000, 0.02)).prior_bits_per_dim(0.25) < 1e-3);
  // Pitfall: a T of 50 with the same betas keeps too much of x_0.
  CHECK(make_schedule({.T = 50}).prior_bits_per_dim(0.25) > 1e-3);
}

TEST_CASE("Appendix B: 35.7 million parameters on CIFAR-10, 114 million at 256x256") {
  CHECK(near(millions("cifar10"), 35.7, 0.05));  // the printed digit
#ifndef POISON  // where 0.5 GB of memory would be filled with NaN
  CHECK(near(millions("lsun256"), 114, 0.5));
#endif
}

TEST_CASE("Appendix B: 800,000 steps at 21 a second are 10.6 hours") {
  CHECK(near(find_preset("cifar10").recipe.steps / 21.0 / 3600, 10.6, 0.05));
}

TEST_CASE("Section 4.3: 1.78 + 1.97 = 3.75 bits/dim is Table 1's NLL, and 1.78 Table 4's first row") {
  CHECK(near(1.78 + 1.97, 3.75, 1e-12));
  CHECK(near(rate, 1.78, 0.005));  // the printed digits
  CHECK(near(rmse, 0.95, 0.005));
}

TEST_CASE("Section 4.3: L_0 = 1.97 bits/dim follows from an RMSE of 0.95 with sigma_1^2 = beta_tilde_2") {
  const double patched = sigma(paper, 2, Variance::posterior) * 127.5;  // in pixel values
  const double printed = sigma(paper, 1, Variance::beta) * 127.5;
  CHECK(near(density_bits(rmse, patched), 1.975, 0.0005));
  CHECK(near(density_bits(rmse, printed), 2.078, 0.0005));
  // The paper's two digits, for errors that are Gaussian only nearly; with sigma_1^2 = beta_1
  // it would have printed 2.08 or 2.09.
  for (const auto bits : {density_bits, decoder_bits}) {
    CHECK(near(bits(rmse, patched), 1.97, 0.01));
    CHECK_FALSE(near(bits(rmse, printed), 1.97, 0.1));
  }
  CHECK(near(rate + decoder_bits(rmse, patched), 3.75, 0.01));
}
