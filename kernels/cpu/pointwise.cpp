// Kernels that touch every number once: bound by memory, not by arithmetic.
// Contract: kernels.h.
#include <algorithm>
#include <cmath>

#include "kernels/cpu/columns.h"
#include "kernels/cpu/parallel.h"
#include "kernels/kernels.h"

namespace ddpm::kernels {
namespace {

// f(offset, count) for pieces of 0..n of a fixed size, on all threads. The
// pieces are whole vectors but for the end.
template <typename F>
void pieces(int64_t n, F f) {
  constexpr int64_t piece = 8192;
#pragma omp parallel for schedule(static) if (worth_threads(n))
  for (int64_t begin = 0; begin < n; begin += piece) f(begin, int(std::min(piece, n - begin)));
}

// y[i] = f(i, how many of the vector are inside), vector by vector.
template <typename F>
void map(int64_t n, real* y, F f) {
  pieces(n, [&](int64_t begin, int count) {
    for_vectors(count, [&](int64_t i, int inside) { store(y + begin + i, f(begin + i, inside), inside); });
  });
}

void copy_row(int C, const real* from, real* to) {
  for_vectors(C, [=](int64_t c, int count) { store(to + c, load(from + c, count), count); });
}
void add_row(int C, const real* from, Accumulator to) {
  for_vectors(C, [=](int64_t c, int count) { accumulate(to, c, load(from + c, count), count); });
}

}  // namespace

void swish(int64_t n, const real* x, real* y) {
  map(n, y, [=](int64_t i, int count) {
    const vec v = load(x + i, count);
    return v * logistic(v);
  });
}

void swish_gradient(int64_t n, const real* x, const real* dy, Accumulator dx) {
  const real* so_far = dx.so_far();
  map(n, dx.target(), [=](int64_t i, int count) {
    const vec d = load(dy + i, count), slope = swish_slope(load(x + i, count));
    return so_far ? mul_add(d, slope, load(so_far + i, count)) : d * slope;
  });
}

void fill(int64_t n, real value, real* x) {
  map(n, x, [=](int64_t, int) { return broadcast(value); });
}

void add(int64_t n, const real* x, Accumulator y) {
  pieces(n, [=](int64_t begin, int count) { add_row(count, x + begin, y + begin); });
}

void scale(int64_t n, real factor, real* x) {
  map(n, x, [=](int64_t i, int count) { return load(x + i, count) * factor; });
}

void clip(int64_t n, real low, real high, real* x) {
  map(n, x, [=](int64_t i, int count) {
    vec v = load(x + i, count);
    v = v < low ? broadcast(low) : v;
    return v > high ? broadcast(high) : v;
  });
}

void linear_combination(int B, int64_t n, const real* a, const real* x, const real* c, const real* y,
                        real* out) {
#pragma omp parallel for schedule(static) if (worth_threads(B * n))
  for (int b = 0; b < B; ++b)
    for (int64_t i = b * n; i < (b + 1) * n; ++i) out[i] = a[b] * x[i] + c[b] * y[i];
}

void upsample(int B, int H, int W, int C, const real* x, real* y) {
#pragma omp parallel for collapse(2) schedule(static) if (worth_threads(int64_t(4) * B * H * W * C))
  for (int b = 0; b < B; ++b)
    for (int i = 0; i < 2 * H; ++i) {
      const real* from = x + (int64_t(b) * H + i / 2) * W * C;
      real* to = y + (int64_t(b) * 2 * H + i) * 2 * W * C;
      for (int j = 0; j < 2 * W; ++j) copy_row(C, from + j / 2 * C, to + j * C);
    }
}

void upsample_gradient(int B, int H, int W, int C, const real* dy, Accumulator dx) {
#pragma omp parallel for collapse(2) schedule(static) if (worth_threads(int64_t(4) * B * H * W * C))
  for (int b = 0; b < B; ++b)
    for (int i = 0; i < H; ++i) {
      const int64_t to = (int64_t(b) * H + i) * W * C, row = int64_t(2) * W * C;
      const real* from = dy + 4 * to;  // the upper one of two rows
      for (int j = 0; j < W; ++j, from += 2 * C)
        for_vectors(C, [=](int64_t c, int n) {
          const real* upper = from + c;
          const real* lower = upper + row;
          const vec sum = (load(upper, n) + load(upper + C, n)) + (load(lower, n) + load(lower + C, n));
          accumulate(dx, to + int64_t(j) * C + c, sum, n);
        });
    }
}

void concat(int64_t M, int C1, int C2, const real* a, const real* b, real* y) {
#pragma omp parallel for schedule(static) if (worth_threads(M * (C1 + C2)))
  for (int64_t m = 0; m < M; ++m) {
    copy_row(C1, a + m * C1, y + m * (C1 + C2));
    copy_row(C2, b + m * C2, y + m * (C1 + C2) + C1);
  }
}

void concat_gradient(int64_t M, int C1, int C2, const real* dy, Accumulator da, Accumulator db) {
#pragma omp parallel for schedule(static) if (worth_threads(M * (C1 + C2)))
  for (int64_t m = 0; m < M; ++m) {
    if (da) add_row(C1, dy + m * (C1 + C2), da + m * C1);
    if (db) add_row(C2, dy + m * (C1 + C2) + C1, db + m * C2);
  }
}

void time_embedding(int B, int C, bool cosine_first, int frequency_shift, const real* t, real* y) {
  const int half = C / 2, sine = cosine_first ? half : 0, cosine = half - sine;
  for (int i = 0; i < half; ++i) {
    const double frequency = std::exp(-std::log(10000.0) * i / (half - frequency_shift));
    for (int b = 0; b < B; ++b) {
      y[b * C + sine + i] = real(std::sin(t[b] * frequency));
      y[b * C + cosine + i] = real(std::cos(t[b] * frequency));
    }
  }
}

}  // namespace ddpm::kernels
