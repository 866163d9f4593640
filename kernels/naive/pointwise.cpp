// One output per input element, or elements moved: swish, dropout, mixtures,
// the embedding of time, upsampling and concatenation. Computed in double.
// Checked by: tests/kernels/test_pointwise.cpp (the oracle of the fast kernels),
// tests/tensor/test_gradients.cpp.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/naive/naive.h"

namespace ddpm::naive {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// 1/(1 − p) where element i is kept, 0 where it is dropped: kept if its
// uniform number is at least p.
std::vector<double> dropout_factors(int64_t n, real p, Stream stream) {
  std::vector<real> u(n);
  fill_uniform(n, stream, u.data());
  std::vector<double> factor(n);
  for (int64_t i = 0; i < n; ++i) factor[i] = u[i] >= p ? 1 / (1 - double(p)) : 0;
  return factor;
}

}  // namespace

void swish(int64_t n, const real* x, real* y) {
  for (int64_t i = 0; i < n; ++i) y[i] = real(x[i] * sigmoid(x[i]));
}

// d/dx x·σ(x) = σ(x) + x·σ(x)·(1 − σ(x))
void swish_gradient(int64_t n, const real* x, const real* dy, Accumulator dx) {
  for (int64_t i = 0; i < n; ++i) {
    const double s = sigmoid(x[i]);
    accumulate(dx, i, dy[i] * (s + x[i] * s * (1 - s)));
  }
}

void dropout(int64_t n, real p, Stream stream, const real* x, real* y) {
  const std::vector<double> factor = dropout_factors(n, p, stream);
  for (int64_t i = 0; i < n; ++i) y[i] = real(x[i] * factor[i]);
}

void dropout_gradient(int64_t n, real p, Stream stream, const real* dy, Accumulator dx) {
  const std::vector<double> factor = dropout_factors(n, p, stream);
  for (int64_t i = 0; i < n; ++i) accumulate(dx, i, dy[i] * factor[i]);
}

void upsample(int B, int H, int W, int C, const real* x, real* y) {
  for (int64_t b = 0; b < B; ++b)
    for (int64_t i = 0; i < 2 * H; ++i)
      for (int64_t j = 0; j < 2 * W; ++j)
        for (int64_t c = 0; c < C; ++c)
          y[((b * 2 * H + i) * 2 * W + j) * C + c] = x[((b * H + i / 2) * W + j / 2) * C + c];
}

// A pixel of x was copied to four of y: its derivative is the sum of theirs.
void upsample_gradient(int B, int H, int W, int C, const real* dy, Accumulator dx) {
  for (int64_t b = 0; b < B; ++b)
    for (int64_t i = 0; i < H; ++i)
      for (int64_t j = 0; j < W; ++j)
        for (int64_t c = 0; c < C; ++c) {
          double sum = 0;
          for (int64_t u = 2 * i; u < 2 * i + 2; ++u)
            for (int64_t v = 2 * j; v < 2 * j + 2; ++v) sum += dy[((b * 2 * H + u) * 2 * W + v) * C + c];
          accumulate(dx, ((b * H + i) * W + j) * C + c, sum);
        }
}

void concat(int64_t M, int C1, int C2, const real* a, const real* b, real* y) {
  for (int64_t m = 0; m < M; ++m) {
    for (int c = 0; c < C1; ++c) y[m * (C1 + C2) + c] = a[m * C1 + c];
    for (int c = 0; c < C2; ++c) y[m * (C1 + C2) + C1 + c] = b[m * C2 + c];
  }
}

void concat_gradient(int64_t M, int C1, int C2, const real* dy, Accumulator da, Accumulator db) {
  for (int64_t m = 0; m < M; ++m) {
    for (int c = 0; da && c < C1; ++c) accumulate(da, m * C1 + c, dy[m * (C1 + C2) + c]);
    for (int c = 0; db && c < C2; ++c) accumulate(db, m * C2 + c, dy[m * (C1 + C2) + C1 + c]);
  }
}

void fill(int64_t n, real value, real* x) {
  for (int64_t i = 0; i < n; ++i) x[i] = value;
}

void add(int64_t n, const real* x, Accumulator y) {
  for (int64_t i = 0; i < n; ++i) accumulate(y, i, x[i]);
}

void scale(int64_t n, real factor, real* x) {
  for (int64_t i = 0; i < n; ++i) x[i] *= factor;
}

void clip(int64_t n, real low, real high, real* x) {
  for (int64_t i = 0; i < n; ++i) x[i] = std::min(std::max(x[i], low), high);
}

void linear_combination(int B, int64_t n, const real* a, const real* x, const real* c, const real* y,
                        real* out) {
  for (int b = 0; b < B; ++b)
    for (int64_t i = b * n; i < (b + 1) * n; ++i) out[i] = real(double(a[b]) * x[i] + double(c[b]) * y[i]);
}

void time_embedding(int B, int C, bool cosine_first, int frequency_shift, const real* t, real* y) {
  const int half = C / 2, sine = cosine_first ? half : 0, cosine = half - sine;
  for (int64_t b = 0; b < B; ++b)
    for (int i = 0; i < half; ++i) {
      const double f = std::pow(10000.0, -i / (half - double(frequency_shift)));
      y[b * C + sine + i] = real(std::sin(t[b] * f));
      y[b * C + cosine + i] = real(std::cos(t[b] * f));
    }
}

}  // namespace ddpm::naive
