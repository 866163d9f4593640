// eps_theta, the noise predictor of Section 3.2, and the adapter that makes one from a U-Net.
// Checked by: tests/ddpm/test_noise_predictor.cpp.
#pragma once

#include <functional>
#include <vector>

#include "nn/unet.h"

namespace ddpm {

// eps_theta(x_t, t): predicts the noise in x_t. x_t and the result are (B, ...); t (B), each in 1..T,
// which is not checked. Operations are recorded on the tape, so that the result can be differentiated.
using NoisePredictor = std::function<Tensor(Tape&, const Tensor& x_t, const std::vector<int>& t)>;

// Returns eps_theta(x_t, t) with the same t for all images, without a tape.
Tensor predict(const NoisePredictor& eps_theta, const Tensor& x_t, int t);

// The noise predictor of training step 1, 2, ...: dropout depends on the step.
using TrainingPredictor = std::function<NoisePredictor(int64_t step)>;

// Returns the U-Net as a noise predictor of images (B,H,W,C), which gives the network t - 1
// (Departure 8). Dropout is off: for sampling and evaluation. The network must outlive the result.
NoisePredictor noise_predictor(const Unet&);

// Returns the U-Net with dropout on. Each layer's mask depends on (seed, step, layer) and on the place
// of the element in the batch.
TrainingPredictor training_predictor(const Unet&, uint64_t seed);

}  // namespace ddpm
