// The layers with weights. A layer registers its parameters when it is made
// (NAME.weight, NAME.bias) and is called like a function.
// Shapes: images (B, H, W, C), vectors (B, C).
// Checked by: tests/test_unet.cpp, tests/test_gradients.cpp.
#pragma once

#include "nn/parameters.h"
#include "tensor/ops.h"

namespace ddpm {

// x (B, in) to (B, out).
struct Dense {
  Tensor weight, bias;
  Dense(Parameters&, const std::string& name, int in, int out, Init init = Init::fan_avg);
  Tensor operator()(Tape&, const Tensor& x, const Tensor& residual = {}) const;
};

// x (B, H, W, in) to (B, H, W, out): a dense layer at every pixel. Attention's
// projections are stored as dense layers, the shortcut as a convolution.
struct Conv1x1 {
  Tensor weight, bias;
  Conv1x1(Parameters&, const std::string& name, int in, int out, Layout layout, Init init = Init::fan_avg);
  Tensor operator()(Tape&, const Tensor& x, const Tensor& residual = {}) const;
};

// x (B, H, W, in) to (B, H/stride, W/stride, out). shift (B, out) and residual
// (as the output) are optional and added where the convolution writes.
struct Conv3x3 {
  Tensor weight, bias;
  int stride;
  Conv3x3(Parameters&, const std::string& name, int in, int out, int stride = 1, Init init = Init::fan_avg);
  Tensor operator()(Tape&, const Tensor& x, const Tensor& shift = {}, const Tensor& residual = {}) const;
};

// Group norm with epsilon 1e-6, followed by the activation.
struct GroupNorm {
  Tensor weight, bias;  // gamma, beta
  int groups;
  GroupNorm(Parameters&, const std::string& name, int channels, int groups);
  Tensor operator()(Tape&, const Tensor& x, Activation) const;
};

}  // namespace ddpm
