// Loops over numbers vector by vector, and sums of columns. f gets how many
// elements of the vector count: `lanes` (known to the compiler, so that whole
// vectors cost no test) for all but the last one.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/cpu/vec_math.h"

namespace ddpm::kernels {

// f(i, count) for i = 0, lanes, 2·lanes, … below n.
template <typename F>
inline __attribute__((always_inline)) void for_vectors(int64_t n, F f) {
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) f(i, lanes);
  if (i < n) f(i, int(n - i));
}

// f(offset p·C + c, column c, count) along the rows of a matrix (P, C).
template <typename F>
inline void for_columns(int P, int C, F f) {
  for (int p = 0; p < P; ++p) for_vectors(C, [&](int64_t c, int count) { f(int64_t(p) * C + c, c, count); });
}

// N sums at once: sums[n][c] = Σ_p of what f(p·C + c, c, count) gives for n, four rows
// in turn, so that additions need not wait for each other. W neighbouring vectors of
// a row are read together: memory brings rows faster than columns.
template <int N>
struct Vectors {
  vec of[N];
};
template <int W, int N, typename F>
inline __attribute__((always_inline)) void sum_block(int P, int C, int64_t c, int count,
                                                     real* const (&sums)[N], F f) {
  vec s[4][W][N]{};
  const auto add_row = [&](int p, vec(&to)[W][N]) __attribute__((always_inline)) {
    for (int w = 0; w < W; ++w) {
      const Vectors<N> row = f(int64_t(p) * C + c + w * lanes, c + w * lanes, count);
      for (int n = 0; n < N; ++n) to[w][n] += row.of[n];
    }
  };
  int p = 0;
  for (; p + 4 <= P; p += 4)
    for (int i = 0; i < 4; ++i) add_row(p + i, s[i]);
  for (; p < P; ++p) add_row(p, s[0]);
  for (int w = 0; w < W; ++w)
    for (int n = 0; n < N; ++n)
      store(sums[n] + c + w * lanes, (s[0][w][n] + s[1][w][n]) + (s[2][w][n] + s[3][w][n]), count);
}
template <int N, typename F>
inline void sum_columns(int P, int C, real* const (&sums)[N], F f) {
  int64_t c = 0;
  for (; c + 2 * lanes <= C; c += 2 * lanes) sum_block<2>(P, C, c, lanes, sums, f);
  for_vectors(C - c, [&](int64_t i, int count) { sum_block<1>(P, C, c + i, count, sums, f); });
}
template <typename F>
inline void sum_columns(int P, int C, real* sums, F f) {
  real* const one[] = {sums};
  sum_columns(P, C, one, [&](int64_t at, int64_t c, int count) { return Vectors<1>{{f(at, c, count)}}; });
}

}  // namespace ddpm::kernels
