// Noise predictors that are formulas: a linear network, and a spy that records what Algorithms 1 and 2 show
// it. Also the gradient of the loss and the step of Adam that must follow, in closed form.
// Used by: tests/equations/algorithms.cpp, tests/equations/losses.cpp.
#pragma once

#include "ddpm/losses.h"
#include "tests/equations/oracles.h"
#include "tests/support/tiny.h"

namespace ddpm::test::equations {

// Returns eps_theta(x, t) = (x, t/T) w + bias for images x of D numbers: w (D + 1, D), bias (D).
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

// Returns number i of eps_theta for images x (B, D) at one t. The weights are w's, then bias's.
double eps_theta(const std::vector<real>& weights, const std::vector<real>& x, int t, int i);

// The mean of (eps - eps_theta)^2 over all numbers, and its gradient with respect to the weights.
struct Descent {
  double loss = 0;
  std::vector<double> gradient;
};
Descent descent(const std::vector<real>& weights, const std::vector<real>& x, const std::vector<int>& t,
                const std::vector<real>& eps);

// Adam as its authors print it, with their constants.
struct TextbookAdam {
  double rate;
  std::vector<double> m, v;
  double moved(size_t i, double g, int step);  // returns what it adds to weight i
};

}  // namespace ddpm::test::equations
