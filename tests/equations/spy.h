// A network that is a formula, and a spy that takes the network's place in Algorithms 1
// and 2 and notes what it is shown; what the loss's gradient and Adam's step must be
// there. Used by: tests/equations/algorithms.cpp, tests/equations/losses.cpp.
#pragma once

#include "ddpm/losses.h"
#include "tests/equations/oracles.h"

namespace ddpm::test::equations {

// ε_θ(x, t) = (x, t/T) w + bias for images x of D numbers; w (D + 1, D), bias (D).
NoisePredictor linear_network(const Tensor& w, const Tensor& bias, int T);

// The linear network for batches of B images. All spies start with the same weights.
struct Spy {
  static constexpr int B = 2000, D = 2, T = 6;  // T: short_betas()
  Parameters weights;
  Tensor w = weights.add("w", {D + 1, D}, Layout::dense, Init::zeros);
  Tensor bias = weights.add("bias", {D}, Layout::vector, Init::zeros);
  std::vector<std::vector<int>> t;   // of every call
  std::vector<std::vector<real>> x;  // (B, D), of every call

  Spy();
  NoisePredictor predictor();
};

// Written out in numbers, w's first, then bias's: the spy's weights, its ε_θ's number i
// for images x at one t, the mean of (ε − ε_θ)² over all numbers, and its gradient.
std::vector<real> weights_of(const Parameters&);
double eps_theta(const std::vector<real>& weights, const std::vector<real>& x, int t, int i);
struct Descent {
  double loss = 0;
  std::vector<double> gradient;
};
Descent descent(const std::vector<real>& weights, const std::vector<real>& x, const std::vector<int>& t,
                const std::vector<real>& eps);

// Adam as its authors print it, with the default constants.
struct TextbookAdam {
  double rate;
  std::vector<double> m, v;
  double moved(size_t i, double g, int step);  // what it adds to weight i
};

}  // namespace ddpm::test::equations
