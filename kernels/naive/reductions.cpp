// Sums over pixels and over whole arrays, in double.
// Checked by: tests/kernels/test_reductions.cpp (the oracle of the fast kernels),
// tests/tensor/test_gradients.cpp.
#include <cmath>

#include "kernels/naive/naive.h"

namespace ddpm::naive {

void sum_pixels(int B, int P, int C, const real* x, Accumulator y) {
  for (int64_t b = 0; b < B; ++b)
    for (int64_t c = 0; c < C; ++c) {
      double sum = 0;
      for (int64_t p = 0; p < P; ++p) sum += x[(b * P + p) * C + c];
      accumulate(y, b * C + c, sum);
    }
}

void mean_gradient(int64_t n, const real* dout, Accumulator dx) {
  for (int64_t i = 0; i < n; ++i) accumulate(dx, i, dout[0] / double(n));
}

double sum_squares(int64_t n, const real* x) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += double(x[i]) * x[i];
  return sum;
}

void mean_squared_error(int B, int64_t n, const real* x, const real* y, double* out) {
  for (int b = 0; b < B; ++b) {
    double sum = 0;
    for (int64_t i = b * n; i < (b + 1) * n; ++i) {
      const double difference = double(x[i]) - y[i];
      sum += difference * difference;
    }
    out[b] = sum / double(n);
  }
}

void mean_squared_error_gradient(int B, int64_t n, const real* dout, const real* x, const real* y,
                                 Accumulator dx) {
  for (int64_t i = 0; i < B * n; ++i)
    accumulate(dx, i, dout[i / n] * (2 / double(n)) * (double(x[i]) - y[i]));
}

namespace {

double softmax(int N, const real* x, int n) {
  double sum = 0;
  for (int k = 0; k < N; ++k) sum += std::exp(double(x[k]) - x[n]);
  return 1 / sum;
}

}  // namespace

void softmax_cross_entropy(int B, int N, const real* x, const int* label, double* out) {
  for (int b = 0; b < B; ++b) out[b] = -std::log(softmax(N, x + int64_t(b) * N, label[b]));
}

void softmax_cross_entropy_gradient(int B, int N, const real* dout, const real* x, const int* label,
                                    Accumulator dx) {
  for (int b = 0; b < B; ++b)
    for (int n = 0; n < N; ++n) {
      const int64_t i = int64_t(b) * N + n;
      accumulate(dx, i, dout[0] / double(B) * (softmax(N, x + int64_t(b) * N, n) - (n == label[b])));
    }
}

}  // namespace ddpm::naive
