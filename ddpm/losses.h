// The training loss. Checked by: tests/test_ddpm.cpp.
#pragma once

#include "ddpm/schedule.h"
#include "nn/unet.h"

// Eq. (14):  L_simple = mean of (eps - eps_theta(x_t, t))^2
// with x_t from Eq. (4). x_0, eps (B,H,W,C); t (B) in 1..T. Returns shape (1),
// the mean over images and dimensions; per_image, if given, gets the B images'
// own. dropout_noise as in Unet.
Tensor simple_loss(Tape&, const Unet&, const Schedule&, const Tensor& x_0, const std::vector<int>& t,
                   const Tensor& eps, const Stream* dropout_noise = nullptr,
                   std::vector<double>* per_image = nullptr);

// ε_θ(x_t, t) for the paper's t in 1..T: the one place where the network's
// 0-based time is made. x_t (B,H,W,C), t (B).
Tensor predict_noise(Tape&, const Unet&, const Tensor& x_t, const std::vector<int>& t,
                     const Stream* dropout_noise = nullptr);
