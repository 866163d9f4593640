// Differentiable operations. Each computes y with a kernel and records its backward step, which runs the
// kernel of the gradient, on the tape. kernels/kernels.h has the formulas in full.
// Every function returns a new tensor and changes no argument, except where it says so.
// Errors: std::logic_error (ENSURE) for a wrong shape, with the shapes, or a number out of its range.
// Checked by: tests/tensor/test_gradients.cpp, one row per operation, and tests/tensor/test_ops.cpp.
#pragma once

#include <valarray>

#include "tensor/tape.h"

namespace ddpm {

// Computes y = (x convolved with w) + bias + shift + residual.
// x (B,H,W,C_in), w (3,3,C_in,C_out), bias (C_out), y (B,H/stride,W/stride,C_out), stride 1 or 2.
// Optional (Tensor{}): shift (B,C_out), added to all pixels of an image, and residual, of y's shape.
// H and W must be even for stride 2. The padding matters for stride 2 alone (kernels/types.h).
// After backward(), y's gradient may be empty (tape.h).
Tensor conv3x3(Tape&, const Tensor& x, const Tensor& w, const Tensor& bias, int stride = 1,
               const Tensor& shift = {}, const Tensor& residual = {}, Padding padding = Padding::same);

// Computes y = x w + bias + residual: a dense layer for x (B,K), a 1x1 convolution for x (B,H,W,K).
// x (...,K), w (K,N), bias (N), y (...,N). Optional (Tensor{}): residual, of y's shape.
// After backward(), y's gradient may be empty (tape.h).
Tensor matmul(Tape&, const Tensor& x, const Tensor& w, const Tensor& bias, const Tensor& residual = {});

// Computes z = gamma (x - mean) / sqrt(variance + epsilon) + beta, with the mean and the variance of each
// image and group of channels, and y = z or y = swish(z).
// x and y (B,H,W,C), gamma and beta (C), three different tensors. C must be a multiple of groups.
// Source: Wu and He 2018.
Tensor group_norm(Tape&, const Tensor& x, const Tensor& gamma, const Tensor& beta, int groups, double epsilon,
                  Activation);

// Computes y = softmax(q k^T / sqrt(D)) v for each image and head, with one row for each of its H W pixels.
// q, k, v and y (B,H,W,C). A head is D = C / heads neighbouring channels; C must be a multiple of heads.
// q, k and v must be three different tensors. All three must require gradients, or none.
// Source: Vaswani et al. 2017.
Tensor attention(Tape&, const Tensor& q, const Tensor& k, const Tensor& v, int heads = 1);

// Computes y = x sigmoid(x), element by element.
Tensor swish(Tape&, const Tensor& x);

// Sets each element to 0 with probability p and multiplies the others by 1 / (1 - p). p in [0, 1).
// Returns x itself if p = 0. The stream selects the random numbers (kernels/types.h).
Tensor dropout(Tape&, const Tensor& x, real p, Stream stream);

// Doubles the height and the width by copying each pixel to 2x2 pixels: (B,H,W,C) to (B,2H,2W,C).
Tensor upsample(Tape&, const Tensor& x);

// Concatenates the channels: (B,H,W,C1) and (B,H,W,C2) to (B,H,W,C1+C2).
Tensor concat(Tape&, const Tensor& a, const Tensor& b);

// Computes the sinusoidal embedding of time, (B,channels), from t (B), the network's 0-based time.
// channels must be even and at least 4. Not differentiable. kernels/kernels.h says what the other two
// choose; their defaults are the official code's. Source: Vaswani et al. 2017, Section 3.5.
Tensor time_embedding(const Tensor& t, int channels, bool cosine_first = false, int frequency_shift = 1);

// Returns the mean of (x - y)^2 of each image, shape (B); y is a constant. If in_double is given, it
// is overwritten with the same B numbers before they are rounded to real.
Tensor mean_squared_error(Tape&, const Tensor& x, const Tensor& y,
                          std::valarray<double>* in_double = nullptr);

// Returns the mean of all elements of x, shape (1).
Tensor mean(Tape&, const Tensor& x);

// Returns the mean over b of -log softmax(x)[b, labels[b]] in nats, shape (1).
// x (B,N), B labels in 0..N-1.
Tensor softmax_cross_entropy(Tape&, const Tensor& x, const std::vector<int>& labels);

}  // namespace ddpm
