// Noise predictors that are formulas: see spy.h.
#include "tests/equations/spy.h"

#include <algorithm>
#include <cmath>

#include "tensor/ops.h"

namespace ddpm::test::equations {

namespace {

constexpr int D = Spy::D, inputs = D + 1;

// Returns the factor of weight k in number i of eps_theta.
double input(const std::vector<real>& x, int t, int i, int k) {
  return k < D ? x[i / D * D + k] : t / double(Spy::T);
}

}  // namespace

NoisePredictor linear_network(const Tensor& w, const Tensor& bias, int T) {
  return [=](Tape& tape, const Tensor& x, const std::vector<int>& t) {
    const int B = x.dim(0), D = bias.dim(0);
    Tensor in({B, D + 1});
    for (int b = 0; b < B; ++b) {
      std::copy_n(x.data() + b * D, D, in.data() + b * (D + 1));
      in.data()[b * (D + 1) + D] = t[b] / double(T);
    }
    return matmul(tape, in, w, bias);
  };
}

Spy::Spy() {
  for (int i = 0; i < w.size(); ++i) w.data()[i] = 0.3 * some_number(i, 5);
  for (int i = 0; i < bias.size(); ++i) bias.data()[i] = 0.3 * some_number(i, 6);
}

NoisePredictor Spy::predictor() {
  return [this](Tape& tape, const Tensor& x_t, const std::vector<int>& times) {
    t.push_back(times), x.push_back(x_t.values());
    return linear_network(w, bias, T)(tape, x_t, times);
  };
}

double eps_theta(const std::vector<real>& weights, const std::vector<real>& x, int t, int i) {
  double sum = weights[inputs * D + i % D];
  for (int k = 0; k < inputs; ++k) sum += input(x, t, i, k) * weights[k * D + i % D];
  return sum;
}

Descent descent(const std::vector<real>& weights, const std::vector<real>& x, const std::vector<int>& t,
                const std::vector<real>& eps) {
  Descent d{0, std::vector<double>(weights.size())};
  const int n = int(x.size());
  for (int i = 0; i < n; ++i) {
    const int time = t[i / D], column = i % D;
    const double error = eps_theta(weights, x, time, i) - eps[i];
    d.loss += error * error / n;
    for (int k = 0; k < inputs; ++k) d.gradient[k * D + column] += 2 * error * input(x, time, i, k) / n;
    d.gradient[inputs * D + column] += 2 * error / n;
  }
  return d;
}

double TextbookAdam::moved(size_t i, double g, int step) {
  m.resize(std::max(m.size(), i + 1)), v.resize(m.size());
  m[i] = 0.9 * m[i] + 0.1 * g, v[i] = 0.999 * v[i] + 0.001 * g * g;
  return -rate * m[i] / (1 - std::pow(0.9, step)) / (std::sqrt(v[i] / (1 - std::pow(0.999, step))) + 1e-8);
}

}  // namespace ddpm::test::equations
