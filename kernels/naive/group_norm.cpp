// Group normalization (Wu and He 2018) with swish on request, and its
// derivative. Group g holds the C/G neighbouring channels from g·C/G on.
// Sums in double. Checked by: tests/kernels/test_group_norm.cpp (the oracle
// of the fast kernels), tests/tensor/test_gradients.cpp.
#include <cmath>
#include <vector>

#include "kernels/naive/naive.h"

namespace ddpm::naive {
namespace {

// One group of one image: visit(position in x, channel) for all its elements.
template <typename Visit>
void for_each_element(int P, int C, int G, int b, int g, Visit visit) {
  for (int64_t p = 0; p < P; ++p)
    for (int c = g * (C / G); c < (g + 1) * (C / G); ++c) visit((b * int64_t(P) + p) * C + c, c);
}

}  // namespace

void group_norm(int B, int P, int C, int G, real epsilon, Activation activation, const real* x,
                const real* gamma, const real* beta, real* y, real* mean, real* rstd) {
  const bool swish = activation == Activation::swish;
  const double n = double(P) * (C / G);
  for (int b = 0; b < B; ++b)
    for (int g = 0; g < G; ++g) {
      double sum = 0, squares = 0;
      for_each_element(P, C, G, b, g, [&](int64_t i, int) { sum += x[i]; });
      const double mu = sum / n;
      for_each_element(P, C, G, b, g, [&](int64_t i, int) { squares += (x[i] - mu) * (x[i] - mu); });
      const double r = 1 / std::sqrt(squares / n + epsilon);

      for_each_element(P, C, G, b, g, [&](int64_t i, int c) {
        const double z = (x[i] - mu) * r * gamma[c] + beta[c];
        y[i] = real(swish ? z / (1 + std::exp(-z)) : z);
      });
      mean[int64_t(b) * G + g] = real(mu);
      rstd[int64_t(b) * G + g] = real(r);
    }
}

// With x̂ = (x − mean)·rstd, z = x̂·gamma + beta and means over the group:
//   dz     = dy · (swish ? σ(z)·(1 + z·(1 − σ(z))) : 1)
//   dgamma = Σ dz·x̂,  dbeta = Σ dz
//   dx̂     = dz·gamma
//   dx     = rstd · (dx̂ − mean(dx̂) − x̂·mean(dx̂·x̂)),
// where the two means are what x does to mean and to rstd.
void group_norm_gradient(int B, int P, int C, int G, Activation activation, const real* x, const real* gamma,
                         const real* beta, const real* mean, const real* rstd, const real* dy, Accumulator dx,
                         Accumulator dgamma, Accumulator dbeta) {
  const bool swish = activation == Activation::swish;
  const double n = double(P) * (C / G);
  std::vector<double> sum_gamma(C), sum_beta(C);
  for (int b = 0; b < B; ++b)
    for (int g = 0; g < G; ++g) {
      const double mu = mean[int64_t(b) * G + g], r = rstd[int64_t(b) * G + g];
      auto x_hat = [&](int64_t i) { return (x[i] - mu) * r; };
      auto dz = [&](int64_t i, int c) {
        const double z = x_hat(i) * gamma[c] + beta[c], s = 1 / (1 + std::exp(-z));
        return dy[i] * (swish ? s * (1 + z * (1 - s)) : 1);
      };

      double mean_d = 0, mean_dx = 0;  // mean(dx̂) and mean(dx̂·x̂)
      for_each_element(P, C, G, b, g, [&](int64_t i, int c) {
        sum_gamma[c] += dz(i, c) * x_hat(i);
        sum_beta[c] += dz(i, c);
        mean_d += dz(i, c) * gamma[c] / n;
        mean_dx += dz(i, c) * gamma[c] * x_hat(i) / n;
      });
      if (dx)
        for_each_element(P, C, G, b, g, [&](int64_t i, int c) {
          accumulate(dx, i, r * (dz(i, c) * gamma[c] - mean_d - x_hat(i) * mean_dx));
        });
    }
  for (int c = 0; c < C; ++c) {
    if (dgamma) accumulate(dgamma, c, sum_gamma[c]);
    if (dbeta) accumulate(dbeta, c, sum_beta[c]);
  }
}

}  // namespace ddpm::naive
