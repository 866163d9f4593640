// Differentiable operations: each computes with a kernel and puts its
// derivative, the neighbour kernel, on the tape (tensor/ops.cpp). What they
// compute is written in kernels/kernels.h; here are only the shapes.
// A wrong shape is our own bug: ENSURE throws with the shapes.
// Checked by: tests/test_gradients.cpp, one row an operation.
#pragma once

#include <valarray>

#include "tensor/tape.h"

namespace ddpm {

// y (B,H/s,W/s,C_out) from x (B,H,W,C_in), w (3,3,C_in,C_out), bias (C_out)
// and, optional (Tensor{}), shift (B,C_out) and residual (as y). stride s 1 or 2.
Tensor conv3x3(Tape&, const Tensor& x, const Tensor& w, const Tensor& bias, int stride = 1,
               const Tensor& shift = {}, const Tensor& residual = {});
// y (…,N) from x (…,K), w (K,N), bias (N) and, optional, residual (as y): a
// dense layer for x (B,K), a 1×1 convolution for x (B,H,W,K).
Tensor matmul(Tape&, const Tensor& x, const Tensor& w, const Tensor& bias, const Tensor& residual = {});
// y as x (B,H,W,C); gamma and beta (C).
Tensor group_norm(Tape&, const Tensor& x, const Tensor& gamma, const Tensor& beta, int groups, Activation);
// q, k, v, y (B,H,W,C); q, k and v are three tensors.
Tensor attention(Tape&, const Tensor& q, const Tensor& k, const Tensor& v);
Tensor swish(Tape&, const Tensor& x);
// p in [0, 1); p = 0 returns x itself.
Tensor dropout(Tape&, const Tensor& x, real p, Stream stream);
// (B,H,W,C) to (B,2H,2W,C).
Tensor upsample(Tape&, const Tensor& x);
// (B,H,W,C1) and (B,H,W,C2) to (B,H,W,C1+C2).
Tensor concat(Tape&, const Tensor& a, const Tensor& b);
// t (B), the network's 0-based time, to (B,C). Has no derivative.
Tensor time_embedding(const Tensor& t, int channels);
// Returns the mean of (x - y)^2 of each image, shape (B); y is a constant. If in_double is given, it
// is overwritten with the same B numbers before they are rounded to real.
Tensor mean_squared_error(Tape&, const Tensor& x, const Tensor& y,
                          std::valarray<double>* in_double = nullptr);
// Returns the mean of all numbers of x, shape (1).
Tensor mean(Tape&, const Tensor& x);
// The mean over b of −log softmax(x)[b, label[b]], nats, shape (1): x (B,N),
// labels B numbers in 0..N−1.
Tensor softmax_cross_entropy(Tape&, const Tensor& x, const std::vector<int>& labels);

}  // namespace ddpm
