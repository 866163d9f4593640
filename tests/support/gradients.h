// Compares gradients with finite differences. For an operation op, takes the scalar function
//
//   f(x) = sum over i of w_i op(x)_i,    w random and fixed,
//
// and compares two values of df/dx_j, for every element j of every input x:
//
//   (f(x_j + h) - f(x_j - h)) / (2 h)    from the forward pass alone, h = 1e-5
//   x.gradient()                         from the tape's backward pass
//
// w is random because the gradient of a plain sum is 0 after a normalization. It needs the double
// build: in float, the rounding of f would hide small mistakes. Tolerance: f is about 10, and ten units in
// its last place, divided by 2 h, are 1e-9 (atol); the third derivative contributes h^2 / 6 of it, 2e-11
// (rtol allows more, for the sharp curves of a whole network).
// Used by: tests/tensor/test_gradients.cpp.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "tensor/tape.h"
#include "tests/support/near.h"
#include "tests/support/normal.h"

namespace ddpm::test {

using Inputs = std::vector<Tensor>;
using Operation = std::function<Tensor(Tape&, const Inputs&)>;

// Returns f, the sum of w_i y_i. Its backward step accumulates df/dy = w.
inline Tensor weighted_sum(Tape& tape, const Tensor& y, const Tensor& w) {
  double sum = 0;
  for (int64_t i = 0; i < y.size(); ++i) sum += w.data()[i] * y.data()[i];
  const Tensor f = Tensor::from({1}, {sum});
  tape.record({&y}, f, [w, dy = y.gradient()](const Gradient&) {
    kernels::add(w.size(), w.data(), dy.accumulator());
  });
  return f;
}

// Limits nothing: see compare_gradients.
inline constexpr int64_t every_element = int64_t(1) << 40;

// Compares df/dx on the tape with finite differences for every input x, at `at_most` of its elements, evenly
// spaced. Returns the number of inputs that do not influence f at all.
inline int compare_gradients(const Operation& op, const Inputs& inputs, int64_t at_most = every_element) {
  const double h = 1e-5, atol = 1e-9, rtol = 1e-7;
  Tape off(Tape::off);
  const Tensor w = normal(op(off, inputs).shape(), 1000);
  const auto f = [&](Tape& tape) { return weighted_sum(tape, op(tape, inputs), w); };

  for (Tensor x : inputs) x.require_grad().gradient().clear();
  Tape tape;
  tape.backward(f(tape));

  int without_influence = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& x = inputs[i];
    INFO("input ", i, " ", to_string(x.shape()));
    const std::vector<real> gradient = x.gradient().values();
    std::vector<double> got, want;
    double largest = 0;
    for (int64_t j = 0; j < x.size(); j += std::max<int64_t>(1, x.size() / at_most)) {
      const double x_j = x.data()[j];
      x.data()[j] = x_j + h;
      const double above = f(off).data()[0];
      x.data()[j] = x_j - h;
      const double below = f(off).data()[0];
      x.data()[j] = x_j;
      got.push_back(gradient[j]);
      want.push_back((above - below) / (2 * h));
      largest = std::max(largest, std::fabs(want.back()));
    }
    CHECK(mismatch(got.data(), want.data(), got.size(), atol + rtol * largest) == "");
    if (largest < atol) ++without_influence;
  }
  return without_influence;
}

}  // namespace ddpm::test
