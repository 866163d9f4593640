// Algorithm 2: sampling.
// Checked by: tests/equations/algorithms.cpp (line by line), tests/ddpm/test_sample.cpp,
// tests/ddpm/test_worlds_sampling.cpp (the distribution of its samples, with the exact eps_theta).
#pragma once

#include <functional>

#include "ddpm/noise_predictor.h"
#include "ddpm/reverse.h"

namespace ddpm {

// Called after each step t = T..1, with x_{t-1} and x_0_hat of Eq. (15), both (B, ...). x_0_hat is
// clipped if ReverseConfig::clip says so; else it may not be finite where alpha_bar_t is tiny. Return
// false to stop sampling.
using SampleObserver = std::function<bool(int t, const Tensor& x_prev, const Tensor& x_0_hat)>;

// Algorithm 2: returns x_0 (count, image...), the images with numbers first to first + count - 1 of
// this seed. By default line 4 clips x_0_hat (Departure 2), so that x_0 is in [-1, 1]; Clip::off runs
// line 4 as printed. Image i depends on (seed, i) alone: not on first, count or the number of threads.
// Returns an empty Tensor if the observer returns false. Throws Error if eps_theta returns a number
// that is not finite, or if Clip::on meets an x_t that holds nothing of x_0. Throws std::logic_error
// unless 0 <= first, 1 <= count and first + count <= 2^32.
Tensor sample(const NoisePredictor& eps_theta, const Shape& image, const Schedule&, ReverseConfig,
              uint64_t seed, int64_t first, int count, const SampleObserver& = {});

}  // namespace ddpm
