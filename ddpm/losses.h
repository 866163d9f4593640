// What predicts the noise, and the training loss.
// Checked by: tests/test_ddpm.cpp, tests/test_worlds_training.cpp.
#pragma once

#include <functional>

#include "ddpm/schedule.h"
#include "nn/unet.h"

// ε_θ(x_t, t): whatever predicts the noise, a network or a formula. x_t and
// the result (B, …); t (B), each in 1..T.
using NoisePredictor = std::function<Tensor(Tape&, const Tensor& x_t, const std::vector<int>& t)>;

// Eq. (14):  L_simple = mean of (eps - eps_theta(x_t, t))^2
// with x_t from Eq. (4). x_0, eps (B, …); t (B) in 1..T. Returns shape (1),
// the mean over images and dimensions; per_image, if given, gets the B images'
// own.
Tensor simple_loss(Tape&, const NoisePredictor& eps_theta, const Schedule&, const Tensor& x_0,
                   const std::vector<int>& t, const Tensor& eps,
                   std::vector<double>* per_image = nullptr);
// The same for the U-Net, images (B,H,W,C). dropout_noise as in Unet.
Tensor simple_loss(Tape&, const Unet&, const Schedule&, const Tensor& x_0, const std::vector<int>& t,
                   const Tensor& eps, const Stream* dropout_noise = nullptr,
                   std::vector<double>* per_image = nullptr);

// The U-Net's ε_θ(x_t, t), for the paper's t: the one place where the network's
// 0-based time is made. x_t (B,H,W,C), t (B).
Tensor predict_noise(Tape&, const Unet&, const Tensor& x_t, const std::vector<int>& t,
                     const Stream* dropout_noise = nullptr);
