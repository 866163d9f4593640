// The register tile: the one inner loop of convolutions and matrix products,
// forward and backward.
//
// A tile is P rows × V vectors of sums, held in registers. Each turn loads V
// vectors of w, and for each row one number of x, which multiplies all V:
//
//   acc[p][v] += Σ_{i<outer} Σ_{j<inner} x[i·x_outer + j·x_inner + p·x_row]
//                                        · w[i·w_outer + j·w_inner + v·lanes …]
//
// With 14 rows × 2 vectors (AVX-512, 32 registers) a turn is 28 multiply–adds
// for 16 loads: the multipliers never wait. With 16 registers: 6 rows × 2.
//   forward          rows are neighbouring pixels, i and j run over the taps
//                    and input channels (a 3×3 tap row is contiguous)
//   weight gradient  rows are input channels, i and j run over the pixels
// Every sum runs over i, then j, in order, whatever P is: an output does not
// depend on how it was tiled. Checked by: tests/kernels/test_convolution.cpp.
#pragma once

#include "kernels/cpu/vec.h"

namespace ddpm::kernels {

constexpr int tile_rows = vec_registers == 32 ? 14 : 6;
constexpr int tile_vecs = 2;
constexpr int tile_cols = tile_vecs * lanes;

struct TileLoop {
  int outer, inner;
  int64_t x_outer, x_inner, x_row;
  int64_t w_outer, w_inner;
};

template <int P, int V>
inline __attribute__((always_inline)) void multiply_add(const TileLoop& loop, const real* x, const real* w,
                                                        vec (&acc)[P][V]) {
  const int64_t x_row = loop.x_row, x_inner = loop.x_inner, w_inner = loop.w_inner;
  for (int i = 0; i < loop.outer; ++i) {
    // Three rows share a pointer: more pointers than this do not fit the registers.
    const real* xi[(P + 2) / 3];
    for (int q = 0; q < (P + 2) / 3; ++q) xi[q] = x + i * loop.x_outer + 3 * q * x_row;
    const real* wi = w + i * loop.w_outer;
    for (int j = 0; j < loop.inner; ++j) {
      vec wv[V];
      for (int v = 0; v < V; ++v) wv[v] = load(wi + v * lanes);
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) {
        const vec xv = broadcast(xi[p / 3][p % 3 * x_row]);
        for (int v = 0; v < V; ++v) acc[p][v] = mul_add(xv, wv[v], acc[p][v]);
      }
#pragma GCC unroll 16
      for (int q = 0; q < (P + 2) / 3; ++q) xi[q] += x_inner;
      wi += w_inner;
    }
  }
}

// Splits 0..n into as few pieces of at most `most` as possible, nearly equal,
// and calls f(begin, size) for each.
template <typename F>
inline void split(int n, int most, F f) {
  const int pieces = (n + most - 1) / most;
  for (int i = 0, begin = 0; i < pieces; ++i) {
    const int size = n / pieces + (i < n % pieces);
    f(begin, size);
    begin += size;
  }
}

}  // namespace ddpm::kernels
