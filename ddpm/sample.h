// Algorithm 2: sampling. Checked by: tests/equations/algorithms.cpp (line by line),
// tests/test_sample.cpp, tests/test_worlds_sampling.cpp (where they lead, with the exact ε*).
#pragma once

#include <functional>

#include "ddpm/losses.h"
#include "ddpm/reverse.h"

namespace ddpm {

// Called after each reverse step with t = T..1; return false to stop early.
using SampleProgress = std::function<bool(int t)>;

// Algorithm 2 for images first, first + 1, …, first + count − 1, each of the
// shape `image`: returns x_0 (count, image…), about [−1, 1]. Image i depends on
// (seed, i) alone: not on first, count or threads. If progress says stop,
// returns an empty Tensor. Errors: eps_theta gives a number that is not finite;
// with the clip, nothing of x_0 is left in x_t (predict_x0).
Tensor sample(const NoisePredictor& eps_theta, const Shape& image, const Schedule&, ReverseConfig,
              uint64_t seed, int64_t first, int count, const SampleProgress& progress = {});
// The same for the U-Net and its images (H,W,C).
Tensor sample(const Unet&, const Schedule&, ReverseConfig, uint64_t seed, int64_t first, int count,
              const SampleProgress& progress = {});

}  // namespace ddpm
