// Numbers that the paper prints (Section 4, Section 4.3, Table 4, appendix B), computed from the schedule,
// the networks and the presets of this project.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "ddpm/bound.h"
#include "ddpm/decoder.h"
#include "ddpm/run/presets.h"
#include "ddpm/reverse.h"
#include "tensor/pool.h"
#include "tests/support/near.h"

namespace ddpm::test {

namespace {

const Schedule paper = make_schedule({});

// Returns the number of parameters of a preset's network, in millions. Its weights get no values.
double millions(const char* preset) {
  const double count = Unet(find_preset(preset).network).parameters().count() / 1e6;
  pool_trim();
  return count;
}

// Returns L_0 of one number in nats: the expectation of Eq. (13) for a normal error of x_0 with this root
// mean square, in pixel values.
double decoder_nats(double rmse, double variance) {
  double nats = 0;
  const double step = 0.01, x_0 = 128 / 127.5 - 1;  // a level in the middle
  for (double z = -6; z < 6; z += step) {
    const double weight = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi) * step;
    nats -= weight * log_level_probability(x_0, x_0 + z * rmse / 127.5, variance);
  }
  return nats;
}
double decoder_bits(double rmse, double variance) { return bits_per_dim(decoder_nats(rmse, variance), 1); }

// Returns the same in bits, with the density instead of the mass of the bin:
//   log2(sqrt(2 pi) sigma) + rmse^2 / (2 sigma^2 ln 2),  sigma in pixel values
double density_bits(double rmse, double variance) {
  const double sigma = 127.5 * std::sqrt(variance);
  return std::log2(std::sqrt(2 * std::numbers::pi) * sigma) +
         rmse * rmse / (2 * sigma * sigma * std::numbers::ln2);
}

// The first row of Table 4, where all 1000 steps were received: bits/dim and pixel values.
constexpr double rate = 1.77581, rmse = 0.95136;

// Returns whether the value agrees with two printed digits.
bool printed(double value, double as) { return near(value, as, 0.005); }

}  // namespace

TEST_CASE("numbers: L_T is about 1e-5 bits/dim, whatever the data's mean square") {
  // Pictures scaled to [-1, 1] have a mean square between 0.1 and 1: "about" is half a power of ten.
  for (double mean_square : {0.2, 0.25, 0.5, 1.0})
    CHECK(near(std::log10(bits_per_dim(prior_nats_per_dim(paper, mean_square), 1)), -5, 0.5));
  // "All constrained so that L_T is about 0": the other two schedules of appendix B as well.
  CHECK(bits_per_dim(prior_nats_per_dim(paper, 0.25), 1) < 1e-3);
  CHECK(bits_per_dim(prior_nats_per_dim(make_schedule({.kind = "scaled_linear"}), 0.25), 1) < 1e-3);
  CHECK(bits_per_dim(prior_nats_per_dim(Schedule(std::vector<double>(1000, 0.02)), 0.25), 1) < 1e-3);
  // Pitfall: a T of 50 with the same betas keeps too much of x_0.
  CHECK(bits_per_dim(prior_nats_per_dim(make_schedule({.T = 50}), 0.25), 1) > 1e-3);
}

TEST_CASE("numbers: 35.7 million parameters on CIFAR-10, 114 million at 256x256") {
  CHECK(near(millions("cifar10"), 35.7, 0.05));  // the printed digit
#ifndef POISON                                   // where 0.5 GB of memory would be filled with NaN
  CHECK(near(millions("lsun256"), 114, 0.5));
#endif
}

TEST_CASE("numbers: 800,000 steps at 21 a second are 10.6 hours") {
  CHECK(near(find_preset("cifar10").steps / 21.0 / 3600, 10.6, 0.05));
}

TEST_CASE("numbers: batch, rate, dropout, flips and decay of the paper's presets (Section 4, appendix B)") {
  const RunOptions &cifar = find_preset("cifar10"), &large = find_preset("lsun256");
  CHECK(cifar.batches.size == 128);
  CHECK(large.batches.size == 64);
  CHECK(cifar.train.adam.learning_rate == 2e-4);
  CHECK(large.train.adam.learning_rate == 2e-5);
  CHECK(cifar.network.dropout == 0.1);
  CHECK(large.network.dropout == 0);
  CHECK(large.steps == 2400000);  // LSUN Bedroom
  CHECK(cifar.batches.flip);
  CHECK_FALSE(large.batches.flip);  // all sets but LSUN Bedroom
  for (const RunOptions* preset : {&cifar, &large}) {
    CHECK(preset->train.ema_decay == 0.9999);
    CHECK_FALSE(preset->train.adam.cosine);  // the paper's rate is constant
    // The official code's, which the paper does not mention.
    CHECK(preset->train.adam.warmup == 5000);
    CHECK(preset->train.adam.clip_norm == 1);
  }
  // Section 4: T = 1000, beta from 1e-4 to 0.02, whatever the preset; sigma_t^2 = beta_t.
  CHECK(paper.T == 1000);
  CHECK(paper.beta[1] == 1e-4);
  CHECK(paper.beta[1000] == 0.02);
  CHECK(ReverseConfig{}.variance == Variance::beta);
}

TEST_CASE("numbers: L_0 = 1.97 bits/dim follows from an RMSE of 0.95 with sigma_1^2 = beta_tilde_2") {
  const double patched = reverse_variances(paper, Variance::posterior)[1];
  const double unpatched = reverse_variances(paper, Variance::beta)[1];
  CHECK(near(density_bits(rmse, patched), 1.975, 0.0005));
  CHECK(near(density_bits(rmse, unpatched), 2.078, 0.0005));
  // The paper's two digits, for errors that are Gaussian only nearly; with sigma_1^2 = beta_1
  // it would have printed 2.08 or 2.09.
  for (const auto bits : {density_bits, decoder_bits}) {
    CHECK(near(bits(rmse, patched), 1.97, 0.01));
    CHECK_FALSE(near(bits(rmse, unpatched), 1.97, 0.1));
  }
}

TEST_CASE(
    "numbers: the rate 1.78 and the distortion 1.97 of Section 4.3 add up to the 3.75 bits/dim of Table 1") {
  // Table 4's rate as the sum of two terms, and L_0 as Eq. (13) has it for Table 4's RMSE.
  const double nats = rate * std::numbers::ln2;
  const double L_0 = decoder_nats(rmse, reverse_variances(paper, Variance::posterior)[1]);
  const Bound bound{{{L_0}, {0.9 * nats}, {0.1 * nats}}};
  CHECK(printed(bits_per_dim(bound.rate(0), 1), 1.78));
  CHECK(near(bits_per_dim(bound.L[0][0], 1), 1.97, 0.01));  // as above
  CHECK(printed(bits_per_dim(bound.total(0), 1), 3.75));
}

}  // namespace ddpm::test
