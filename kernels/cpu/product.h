// Products made of register tiles (tile.h): what convolution.cpp and
// matmul.cpp share.
//
// Columns (output channels) are cut into blocks of tile_cols; the last block
// may be narrower. The tile loads whole vectors, so the matrix whose rows are
// loaded (weights going forward, dy for the weight gradient) must have rows of
// whole vectors: padded_cols() numbers, zeros behind the last column.
#pragma once

#include "kernels/cpu/scratch.h"
#include "kernels/cpu/tile.h"

namespace ddpm::kernels {

inline int padded_cols(int cols) { return (cols + lanes - 1) / lanes * lanes; }

// x (rows, cols) with every row padded to whole vectors: x itself if it has
// them, else a copy in space.
inline const real* pad_cols(int64_t rows, int cols, const real* x, Scratch& space) {
  const int padded = padded_cols(cols);
  if (padded == cols) return x;
  real* copy = space.zeros(rows * padded);
  for (int64_t r = 0; r < rows; ++r) std::copy_n(x + r * cols, cols, copy + r * padded);
  return copy;
}

// rows × cols of y: y[p, c] = first[c] + residual[p, c] + Σ_{i,j} x·w as in
// tile.h, for one column block, cols <= tile_cols. first holds whole vectors;
// residual (optional, may be y) and y have rows y_row apart.
void product_rows(const TileLoop& loop, int rows, int cols, const real* x, const real* w, const real* first,
                  const real* residual, real* y, int64_t y_row);

// The outer products of columns of x and dy, summed over the loop's turns:
// dw[r, c] += Σ_{i,j} x[i·x_outer + j·x_inner + r] · dy[i·w_outer + j·w_inner + c]
// for r < rows, c < cols; dw has rows of cols. loop.x_row must be 1.
void add_outer_products(const TileLoop& loop, int rows, int cols, const real* x, const real* dy,
                        Accumulator dw);

// Weight gradients are summed in groups of images, each by one thread, and the
// groups' sums are added in order: dw[i] += Σ_g parts[g·n + i]. Their number
// depends on the batch alone: small batches have few, for each costs a pass over
// the sums.
constexpr int most_groups = 8;
inline int groups_of(int B) { return std::min(B, std::clamp(B / 4, 4, most_groups)); }
void add_groups(int groups, int64_t n, const real* parts, Accumulator dw);

}  // namespace ddpm::kernels
