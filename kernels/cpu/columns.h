// Loops over numbers vector by vector, and sums of columns. f gets how many
// elements of the vector count: `lanes` (known to the compiler, so that whole
// vectors cost no test) for all but the last one.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/cpu/vec_math.h"

namespace kernels {

// f(i, count) for i = 0, lanes, 2·lanes, … below n.
template <typename F>
inline __attribute__((always_inline)) void for_vectors(int64_t n, F f) {
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) f(i, lanes);
  if (i < n) f(i, static_cast<int>(n - i));
}

// f(offset p·C + c, column c, count) along the rows of a matrix (P, C).
template <typename F>
inline void for_columns(int P, int C, F f) {
  for (int p = 0; p < P; ++p)
    for_vectors(C, [&](int64_t c, int count) { f(int64_t{p} * C + c, c, count); });
}

// sums[c] = Σ_p f(p·C + c, c, count), four rows in turn, so that additions
// need not wait for each other.
template <typename F>
inline void sum_columns(int P, int C, real* sums, F f) {
  for_vectors(C, [&](int64_t c, int count) {
    vec s[4]{};
    int p = 0;
    for (; p + 4 <= P; p += 4)
      for (int i = 0; i < 4; ++i) s[i] += f(int64_t{p + i} * C + c, c, count);
    for (; p < P; ++p) s[0] += f(int64_t{p} * C + c, c, count);
    store(sums + c, (s[0] + s[1]) + (s[2] + s[3]), count);
  });
}

}  // namespace kernels
