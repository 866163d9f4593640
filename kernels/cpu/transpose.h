// Transposed copies, a square of vectors at a time. Where they occur: the rotated
// weights of input gradients, and attention's qᵀ, kᵀ, …
// Checked by: tests/kernels/test_convolution.cpp (input gradients) and
// tests/kernels/test_attention.cpp (attention).
#pragma once

#include <algorithm>
#include <utility>

#include "kernels/cpu/vec_math.h"

namespace ddpm::kernels {

// In rows a and b, s apart: the columns of a with c & s change places with those of b
// without. Done for s = lanes/2, …, 2, 1 and all pairs of rows, it transposes.
template <int s, int... c>
inline void exchange(vec& a, vec& b, std::integer_sequence<int, c...>) {
  const vec both = __builtin_shufflevector(a, b, (c & s ? lanes + c - s : c)...);
  b = __builtin_shufflevector(a, b, (c & s ? lanes + c : c + s)...);
  a = both;
}
template <int s>
inline __attribute__((always_inline)) void transpose_square(vec (&rows)[lanes]) {
#pragma GCC unroll 16
  for (int r = 0; r < lanes; ++r)
    if (!(r & s)) exchange<s>(rows[r], rows[r + s], std::make_integer_sequence<int, lanes>{});
  if constexpr (s > 1) transpose_square<s / 2>(rows);
}

// y[c, r] = x[r, c] for x (rows, cols), whose rows are x_row apart; y's are y_row
// apart, y_row >= rows, and end with zeros.
inline void transpose(int rows, int cols, const real* x, int64_t x_row, real* y, int64_t y_row) {
  for (int r = 0; r < y_row; r += lanes)
    for (int c = 0; c < cols; c += lanes) {
      vec square[lanes];
      for (int i = 0; i < lanes; ++i) {
        const real* from = x + (r + i) * x_row + c;
        __builtin_prefetch(from + lanes * x_row);
        square[i] = r + i < rows ? load(from, cols - c) : vec{};
      }
      transpose_square<lanes / 2>(square);
      for (int i = 0; i < std::min(lanes, cols - c); ++i)
        store(y + (c + i) * y_row + r, square[i], int(std::min<int64_t>(lanes, y_row - r)));
    }
}

}  // namespace ddpm::kernels
