// Sums. Contract: kernels.h. Long sums are cut into blocks of a fixed size,
// each summed by one thread, and the blocks' sums are added in order.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cpu/columns.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/scratch.h"
#include "kernels/kernels.h"

namespace ddpm::kernels {

void sum_pixels(int B, int P, int C, const real* x, Accumulator y) {
  static thread_local Scratch space;
  constexpr int block = 256;
  const int blocks = (P + block - 1) / block;
  real* parts = space.get(int64_t(B) * blocks * C);
#pragma omp parallel for collapse(2) schedule(static) if (worth_threads(int64_t(B) * P * C))
  for (int b = 0; b < B; ++b)
    for (int k = 0; k < blocks; ++k) {
      const real* from = x + (int64_t(b) * P + k * block) * C;
      sum_columns(std::min(block, P - k * block), C, parts + (int64_t(b) * blocks + k) * C,
                  [&](int64_t at, int64_t, int n) { return load(from + at, n); });
    }
  for (int b = 0; b < B; ++b)
    for (int k = 0; k < blocks; ++k) {
      const Accumulator to = k == 0 ? y : y.target();  // fresh for the first block alone
      for (int c = 0; c < C; ++c)
        accumulate(to, int64_t(b) * C + c, parts[(int64_t(b) * blocks + k) * C + c]);
    }
}

void mean_gradient(int64_t n, const real* dout, Accumulator dx) {
  for (int64_t i = 0; i < n; ++i) accumulate(dx, i, dout[0] / real(n));
}

double sum_squares(int64_t n, const real* x) {
  constexpr int64_t block = 4096;
  std::vector<double> parts((n + block - 1) / block);
#pragma omp parallel for schedule(static) if (worth_threads(n))
  for (int64_t begin = 0; begin < n; begin += block) {
    constexpr int chains = 8;  // additions that need not wait for each other
    double s[chains]{};
    const int64_t end = std::min(n, begin + block);
    int64_t i = begin;
    for (; i + chains <= end; i += chains)
      for (int k = 0; k < chains; ++k) s[k] += double(x[i + k]) * x[i + k];
    for (; i < end; ++i) s[0] += double(x[i]) * x[i];
    for (const double chain : s) parts[begin / block] += chain;
  }
  double total = 0;
  for (double s : parts) total += s;
  return total;
}

void mean_squared_error(int B, int64_t n, const real* x, const real* y, double* out) {
#pragma omp parallel for schedule(static) if (worth_threads(B * n))
  for (int b = 0; b < B; ++b) {
    double s = 0;
    for (int64_t i = b * n; i < (b + 1) * n; ++i) s += (double(x[i]) - y[i]) * (double(x[i]) - y[i]);
    out[b] = s / n;
  }
}

void mean_squared_error_gradient(int B, int64_t n, const real* dout, const real* x, const real* y,
                                 Accumulator dx) {
#pragma omp parallel for schedule(static) if (worth_threads(B * n))
  for (int b = 0; b < B; ++b) {
    const real factor = dout[b] * 2 / real(n);
    for (int64_t i = b * n; i < (b + 1) * n; ++i) accumulate(dx, i, factor * (x[i] - y[i]));
  }
}

// A classifier has ten classes: rows are short, and all of them are soon done.
void softmax_cross_entropy(int B, int N, const real* x, const int* label, double* out) {
  for (int b = 0; b < B; ++b, x += N) {
    const double largest = *std::max_element(x, x + N);
    double sum = 0;
    for (int n = 0; n < N; ++n) sum += std::exp(x[n] - largest);
    out[b] = std::log(sum) - (x[label[b]] - largest);
  }
}

void softmax_cross_entropy_gradient(int B, int N, const real* dout, const real* x, const int* label,
                                    Accumulator dx) {
  for (int b = 0; b < B; ++b, x += N) {
    double log_p;  // of class 0
    const int first = 0;
    softmax_cross_entropy(1, N, x, &first, &log_p);
    const double log_sum = log_p + x[0];
    for (int n = 0; n < N; ++n)
      accumulate(dx, int64_t(b) * N + n, dout[0] / B * real(std::exp(x[n] - log_sum) - (n == label[b])));
  }
}

}  // namespace ddpm::kernels
