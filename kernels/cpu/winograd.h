// 3×3 convolutions of stride 1 by Winograd's method: winograd.cpp.
#pragma once

#include "kernels/types.h"

namespace ddpm::kernels {

// As conv3x3, for stride 1.
void winograd_forward(const Convolution& s, const real* x, const real* w, const real* bias, const real* shift,
                      const real* residual, real* y);
// As conv3x3_weight_gradient, for stride 1.
void winograd_weight_gradient(const Convolution& s, const real* x, const real* dy, Accumulator dw);

}  // namespace ddpm::kernels
