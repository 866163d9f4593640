// Adam (Kingma and Ba 2015, Algorithm 1) and the moving average of weights,
// element by element in double. The moments are rounded to real before the
// weights use them, as they are stored.
// Checked by: tests/kernels/test_adam.cpp (the oracle of the fast kernels).
#include <cmath>

#include "kernels/naive/naive.h"

namespace ddpm::naive {

void adam(int64_t n, AdamStep step, const real* grad, real* m, real* v, real* w) {
  const double correction1 = 1 - std::pow(step.beta1, double(step.step));
  const double correction2 = 1 - std::pow(step.beta2, double(step.step));
  for (int64_t i = 0; i < n; ++i) {
    const double g = step.grad_scale * grad[i];
    m[i] = real(step.beta1 * m[i] + (1 - step.beta1) * g);
    v[i] = real(step.beta2 * v[i] + (1 - step.beta2) * g * g);
    const double m_hat = m[i] / correction1, v_hat = v[i] / correction2;
    w[i] = real(w[i] - step.learning_rate * m_hat / (std::sqrt(v_hat) + step.epsilon));
  }
}

void ema(int64_t n, real decay, const real* w, real* average) {
  for (int64_t i = 0; i < n; ++i) average[i] = real(double(decay) * average[i] + (1 - double(decay)) * w[i]);
}

}  // namespace ddpm::naive
