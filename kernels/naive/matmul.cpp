// The matrix product y = x·w and its derivatives dx = dy·wᵀ and dw = xᵀ·dy.
// Sums in double. Checked by: tests/kernels/test_matmul.cpp (the oracle of
// the fast kernels), tests/tensor/test_gradients.cpp.
#include "kernels/naive/naive.h"

namespace ddpm::naive {

void matmul(int M, int N, int K, const real* x, const real* w, const real* bias, const real* residual,
            real* y) {
  for (int64_t m = 0; m < M; ++m)
    for (int64_t n = 0; n < N; ++n) {
      double sum = 0;
      for (int64_t k = 0; k < K; ++k) sum += double(x[m * K + k]) * w[k * N + n];
      if (bias) sum += bias[n];
      if (residual) sum += residual[m * N + n];
      y[m * N + n] = real(sum);
    }
}

void matmul_input_gradient(int M, int N, int K, const real* dy, const real* w, Accumulator dx) {
  for (int64_t m = 0; m < M; ++m)
    for (int64_t k = 0; k < K; ++k) {
      double sum = 0;
      for (int64_t n = 0; n < N; ++n) sum += double(dy[m * N + n]) * w[k * N + n];
      accumulate(dx, m * K + k, sum);
    }
}

void matmul_weight_gradient(int M, int N, int K, const real* x, const real* dy, Accumulator dw) {
  for (int64_t k = 0; k < K; ++k)
    for (int64_t n = 0; n < N; ++n) {
      double sum = 0;
      for (int64_t m = 0; m < M; ++m) sum += double(x[m * K + k]) * dy[m * N + n];
      accumulate(dw, k * N + n, sum);
    }
}

}  // namespace ddpm::naive
