// Products made of register tiles: see product.h.
#include "kernels/cpu/product.h"

#include <array>
#include <utility>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vec_math.h"

namespace ddpm::kernels {
namespace {

// The first cols elements of a row, cols <= V·lanes. A part of a row goes
// through a buffer, so that the tile itself only ever moves whole vectors.
template <int V>
void load_row(vec (&to)[V], const real* from, int cols) {
  real buffer[V * lanes];
  if (cols < V * lanes) {
    std::fill_n(buffer, V * lanes, real(0));
    std::copy_n(from, cols, buffer);
    from = buffer;
  }
  for (int v = 0; v < V; ++v) to[v] = load(from + v * lanes);
}

template <int V>
void store_row(real* to, const vec (&from)[V], int cols) {
  real buffer[V * lanes];
  real* place = cols < V * lanes ? buffer : to;
  for (int v = 0; v < V; ++v) store(place + v * lanes, from[v]);
  if (place == buffer) std::copy_n(buffer, cols, to);
}

template <int P, int V>
void product_tile(const TileLoop& loop, int cols, const real* x, const real* w, const real* first,
                  const real* residual, real* y, int64_t y_row) {
  vec acc[P][V];
  for (int p = 0; p < P; ++p)
    for (int v = 0; v < V; ++v) acc[p][v] = load(first + v * lanes);
  multiply_add(loop, x, w, acc);
  for (int p = 0; p < P; ++p) {
    if (residual) {
      vec r[V];
      load_row(r, residual + p * y_row, cols);
      for (int v = 0; v < V; ++v) acc[p][v] += r[v];
    }
    store_row(y + p * y_row, acc[p], cols);
  }
}

template <int P, int V>
void outer_tile(TileLoop loop, int cols, const real* x, const real* dy, Accumulator dw, int64_t dw_row) {
  loop.x_row = 1;  // known to the compiler: the rows are neighbours
  vec acc[P][V]{};
  if (dw.so_far())
    for (int p = 0; p < P; ++p) load_row(acc[p], dw.so_far() + p * dw_row, cols);
  multiply_add(loop, x, dy, acc);
  for (int p = 0; p < P; ++p) store_row(dw.target() + p * dw_row, acc[p], cols);
}

// One function for every size of tile: table[rows − 1][vectors − 1].
using ProductTile = decltype(&product_tile<1, 1>);
using OuterTile = decltype(&outer_tile<1, 1>);
template <int... P>
constexpr auto product_table(std::integer_sequence<int, P...>) {
  return std::array{std::array<ProductTile, 2>{product_tile<P + 1, 1>, product_tile<P + 1, 2>}...};
}
template <int... P>
constexpr auto outer_table(std::integer_sequence<int, P...>) {
  return std::array{std::array<OuterTile, 2>{outer_tile<P + 1, 1>, outer_tile<P + 1, 2>}...};
}
constexpr auto product_tiles = product_table(std::make_integer_sequence<int, tile_rows>{});
constexpr auto outer_tiles = outer_table(std::make_integer_sequence<int, tile_rows>{});

}  // namespace

void product_rows(const TileLoop& loop, int rows, int cols, const real* x, const real* w, const real* first,
                  const real* residual, real* y, int64_t y_row) {
  split(rows, tile_rows, [&](int begin, int size) {
    product_tiles[size - 1][cols > lanes](loop, cols, x + begin * loop.x_row, w, first,
                                          residual ? residual + begin * y_row : nullptr, y + begin * y_row,
                                          y_row);
  });
}

void add_outer_products(const TileLoop& loop, int rows, int cols, const real* x, const real* dy,
                        Accumulator dw) {
  for (int c = 0; c < cols; c += tile_cols) {
    const int block = std::min(tile_cols, cols - c);
    split(rows, tile_rows, [&](int begin, int size) {
      outer_tiles[size - 1][block > lanes](loop, block, x + begin, dy + c, dw + (int64_t(begin) * cols + c),
                                           cols);
    });
  }
}

void add_groups(int groups, int64_t n, const real* parts, Accumulator dw) {
  constexpr int64_t block = 1024;
#pragma omp parallel for schedule(static) if (worth_threads(n))
  for (int64_t begin = 0; begin < n; begin += block) {
    const int64_t end = std::min(n, begin + block);
    for (int g = 0; g < groups; ++g) {
      const Accumulator to = g == 0 ? dw : dw.target();  // fresh for the first group alone
      for (int64_t i = begin; i < end; ++i) accumulate(to, i, parts[g * n + i]);
    }
  }
}

}  // namespace ddpm::kernels
