// Layers with weights: dense, 1x1 and 3x3 convolution, group norm.
// Shapes: images (B, H, W, C), vectors (B, C). The constructor adds the parameters NAME.weight and
// NAME.bias; it throws std::logic_error if they exist. operator() returns a new tensor, overwrites nothing,
// records on the tape, and throws std::logic_error if a shape is wrong. An empty tensor, Tensor{}, leaves
// out an optional argument.
// Source: appendix B, and the official code for what it leaves open.
// Checked by: tests/nn/test_unet.cpp, tests/tensor/test_gradients.cpp.
#pragma once

#include "nn/parameters.h"
#include "tensor/ops.h"

namespace ddpm {

// y = x W + b [+ residual]: x (B, in), y and residual (B, out).
struct Dense {
  Tensor weight, bias;  // W (in, out), b (out)
  Dense(Parameters&, const std::string& name, int in, int out, Init init = Init::fan_avg);
  Tensor operator()(Tape&, const Tensor& x, const Tensor& residual = {}) const;
};

// y = x W + b [+ residual] at every pixel: x (B, H, W, in), y and residual (B, H, W, out).
// `layout` is how W lies in a checkpoint: dense for attention's projections, conv1x1 for shortcuts.
struct Conv1x1 {
  Tensor weight, bias;  // W (in, out), b (out)
  Conv1x1(Parameters&, const std::string& name, int in, int out, Layout layout, Init init = Init::fan_avg);
  Tensor operator()(Tape&, const Tensor& x, const Tensor& residual = {}) const;
};

// y = conv(x, W) + b [+ shift] [+ residual], padded with zeros (see Convolution in kernels/types.h):
// x (B, H, W, in), shift (B, out), y and residual (B, H/stride, W/stride, out). stride is 1 or 2; the padding
// matters for stride 2 alone.
struct Conv3x3 {
  Tensor weight, bias;  // W (3, 3, in, out), b (out)
  int stride;
  Padding padding;
  Conv3x3(Parameters&, const std::string& name, int in, int out, int stride = 1, Init init = Init::fan_avg,
          Padding padding = Padding::same);
  Tensor operator()(Tape&, const Tensor& x, const Tensor& shift = {}, const Tensor& residual = {}) const;
};

// y = activation(gamma (x - mean) / sqrt(variance + epsilon) + beta): x and y (B, H, W, C).
// Mean and variance are those of each image and group of C/groups channels. The default epsilon is the
// official code's.
struct GroupNorm {
  Tensor weight, bias;  // gamma (C), beta (C)
  int groups;
  double epsilon;
  GroupNorm(Parameters&, const std::string& name, int channels, int groups, double epsilon = 1e-6);
  Tensor operator()(Tape&, const Tensor& x, Activation) const;
};

}  // namespace ddpm
