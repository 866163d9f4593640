// Adam and the moving average, number by number. Contract: kernels.h.
#include <cmath>

#include "kernels/cpu/parallel.h"
#include "kernels/kernels.h"

namespace ddpm::kernels {

void adam(int64_t n, AdamStep s, const real* grad, real* m, real* v, real* w) {
  const real beta1 = real(s.beta1), beta2 = real(s.beta2);
  const real keep1 = real(1 - s.beta1), keep2 = real(1 - s.beta2);
  const real grad_scale = real(s.grad_scale), epsilon = real(s.epsilon);
  const real correct1 = real(s.learning_rate / (1 - std::pow(s.beta1, double(s.step))));
  const real correct2 = real(1 / (1 - std::pow(s.beta2, double(s.step))));
#pragma omp parallel for schedule(static) if (worth_threads(n))
  for (int64_t i = 0; i < n; ++i) {
    const real g = grad_scale * grad[i];
    m[i] = beta1 * m[i] + keep1 * g;
    v[i] = beta2 * v[i] + keep2 * g * g;
    w[i] -= correct1 * m[i] / (std::sqrt(v[i] * correct2) + epsilon);
  }
}

void ema(int64_t n, real decay, const real* w, real* average) {
  const real share = real(1) - decay;
#pragma omp parallel for schedule(static) if (worth_threads(n))
  for (int64_t i = 0; i < n; ++i) average[i] = decay * average[i] + share * w[i];
}

}  // namespace ddpm::kernels
