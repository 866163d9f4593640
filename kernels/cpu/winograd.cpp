// 3×3 convolutions with a quarter of the multiplications (Winograd 1980; Lavin
// and Gray 2016). Contract: kernels.h. Checked by: tests/kernels/test_convolution.cpp.
//
// In one dimension: the product of a polynomial of 4 coefficients and one of
// 3 has degree 5, so its values at 6 points fix it. With the points 0, 1, −1,
// 2, −2 and ∞ (the leading coefficient) that is 6 multiplications, where
// multiplying out takes 12. A convolution's sums y_i = Σ_u d_{i+u} g_u are the
// transpose of such a product (y and d change places), which costs the same:
//
//   y = Aᵀ [ (G g) ⊙ (Bᵀ d) ]        d: 6 numbers, g: 3, y: 4
//
// A and G evaluate polynomials at the points, row p being (1, p, p², …) and for
// ∞ (0, …, 0, 1); G also divides by the Lagrange factors 4, −6, −6, 24, 24, 1.
// Bᵀ is the transposed interpolation: row p holds the coefficients of
// Π_{q≠p} (z − q) over the finite points, for ∞ those of Π_q (z − q).
// In two dimensions each is applied to the columns, then to the rows: 36
// multiplications for 16 outputs instead of 144. Over all channels they are 36
// matrix products: tiles × C_in times C_in × C_out.
//
// The weight gradient dw_u = Σ_i d_{i+u} dy_i has the same form with 3 outputs
// of a filter of 4: the same points, so the same Bᵀ.
#include "kernels/cpu/winograd.h"

#include "kernels/cpu/columns.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/product.h"
#include "kernels/kernels.h"

namespace ddpm::kernels {
namespace {

constexpr int points = 36;  // 6×6
// About how many tiles are transformed and multiplied together: as many as the
// second-level cache holds. Each block of tiles reads all transformed weights, or adds
// to their sums: where those are many times that cache, longer blocks do it less often.
bool many_weights(const Convolution& s) { return int64_t(s.C_in) * s.C_out >= 65536; }
int forward_tiles(const Convolution& s) { return many_weights(s) ? 64 : 28; }
int gradient_tiles(const Convolution& s) { return many_weights(s) ? 64 : 48; }

// The distance between the points' matrices of n numbers. Every tile writes to
// all 36: a distance of a multiple of 4096 bytes would put them all in one set of
// the first-level cache, which holds 8 or 12.
int64_t padded_step(int64_t n) { return n + lanes; }

// Bᵀ d
void transform_data(const vec (&d)[6], vec (&out)[6]) {
  const vec even = mul_add(-4, d[2], d[4]), odd = mul_add(-4, d[1], d[3]);
  const vec even2 = d[4] - d[2], odd2 = d[3] - d[1];
  out[0] = mul_add(4, d[0], mul_add(-5, d[2], d[4]));
  out[1] = even + odd;
  out[2] = even - odd;
  out[3] = mul_add(2, odd2, even2);
  out[4] = mul_add(-2, odd2, even2);
  out[5] = mul_add(4, d[1], mul_add(-5, d[3], d[5]));
}

// G g, for a filter of N = 3 or 4 numbers.
template <int N>
void transform_filter(const vec (&g)[N], vec (&out)[6]) {
  vec odd = g[1], odd2 = 2 * g[1];
  if constexpr (N == 4) odd += g[3], odd2 = mul_add(8, g[3], odd2);
  const vec even = g[0] + g[2], even2 = mul_add(4, g[2], g[0]);
  out[0] = g[0] * real(1.0 / 4);
  out[1] = (even + odd) * real(-1.0 / 6);
  out[2] = (even - odd) * real(-1.0 / 6);
  out[3] = (even2 + odd2) * real(1.0 / 24);
  out[4] = (even2 - odd2) * real(1.0 / 24);
  out[5] = g[N - 1];
}

// Aᵀ m, for N = 4 or 3 outputs.
template <int N>
void transform_output(const vec (&m)[6], vec (&out)[N]) {
  const vec sum = m[1] + m[2], difference = m[1] - m[2];
  const vec sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  out[0] = m[0] + sum + sum2;
  out[1] = mul_add(2, difference2, difference);
  out[2] = mul_add(4, sum2, sum);
  if constexpr (N == 4) out[3] = mul_add(8, difference2, difference);
  out[N - 1] += m[5];
}

// One of the above in two dimensions: the columns, then the rows. get(i, j)
// gives element (i, j), put(i, j, v) takes result (i, j). All loops are unrolled.
template <int In, int Out, typename Get, typename Put>
inline __attribute__((always_inline)) void columns_then_rows(void (*transform)(const vec (&)[In],
                                                                               vec (&)[Out]),
                                                             Get get, Put put) {
  vec half[Out][In];
#pragma GCC unroll 6
  for (int j = 0; j < In; ++j) {
    vec column[In], result[Out];
#pragma GCC unroll 6
    for (int i = 0; i < In; ++i) column[i] = get(i, j);
    transform(column, result);
#pragma GCC unroll 6
    for (int i = 0; i < Out; ++i) half[i][j] = result[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < Out; ++i) {
    vec row[Out];
    transform(half[i], row);
#pragma GCC unroll 6
    for (int j = 0; j < Out; ++j) put(i, j, row[j]);
  }
}

// U[point, c, o] from w (3,3,C_in,C_out); U's rows are whole vectors, its
// points padded_step(C_in · padded_cols(C_out)) apart.
const real* transform_weights(int C_in, int C_out, const real* w, Scratch& space) {
  const int cols = padded_cols(C_out);
  const int64_t step = padded_step(int64_t(C_in) * cols);
  real* U = space.get(points * step);
#pragma omp parallel for schedule(static) if (worth_threads(int64_t(9) * C_in * C_out))
  for (int c = 0; c < C_in; ++c)
    for (int o = 0; o < cols; o += lanes) {
      const real* from = w + int64_t(c) * C_out + o;
      real* to = U + int64_t(c) * cols + o;
      columns_then_rows(
          transform_filter<3>,
          [=](int i, int j) { return load(from + (3 * i + j) * int64_t(C_in) * C_out, C_out - o); },
          [=](int i, int j, vec u) { store(to + (6 * i + j) * step, u); });
    }
  return U;
}

// A square of pixels of one image, some of it perhaps outside: pixel (i, j) of
// the square is number at + i·W + j of the image.
struct Square {
  int64_t at;
  int top, bottom, left, right, W;  // inside are top <= i < bottom, left <= j < right
  bool has(int i, int j) const { return i >= top && i < bottom && j >= left && j < right; }
  int64_t pixel(int i, int j) const { return at + int64_t(i) * W + j; }
};

// Tiles are too short for the processor to see which numbers come next: ask for
// those of the tile on the right.
inline void fetch_next(const real* p, int C) { __builtin_prefetch(p + 4 * C); }
inline void fetch_next_to_write(real* p, int C) { __builtin_prefetch(p + 4 * C, 1); }

// How images are cut into tiles of 4×4 outputs: rows of tiles, over all images.
struct Tiles {
  int H, W;
  int across() const { return (W + 3) / 4; }
  int down() const { return (H + 3) / 4; }
  int rows_of(int tiles) const { return std::max(1, tiles / across()); }
  int64_t image(int row) const { return row / down(); }
  // The 4×4 outputs of tile t of a row, or with a border of 1 the 6×6 inputs.
  Square square(int row, int t, int border) const {
    const int i = row % down() * 4 - border, j = 4 * t - border, size = 4 + 2 * border;
    return {(image(row) * H + i) * W + j, std::max(0, -i),
            std::min(size, H - i),        std::max(0, -j),
            std::min(size, W - j),        W};
  }
};

// V[point, tile, c] of row `row` (over all images) of tiles, V's points `step` apart.
void transform_row(const Tiles& tiles, int row, int C, const real* x, real* V, int64_t step) {
  for (int t = 0; t < tiles.across(); ++t) {
    const Square in = tiles.square(row, t, 1);
    for_vectors(
        C, [=](int64_t c, int count) __attribute__((always_inline)) {
          columns_then_rows(
              transform_data,
              [=](int i, int j) {
                const real* from = x + in.pixel(i, j) * C + c;
                if (j >= 2) fetch_next(from, C);  // the other two columns are this tile's
                return in.has(i, j) ? load(from, count) : vec{};
              },
              [=](int i, int j, vec v) { store(V + (6 * i + j) * step + int64_t(t) * C + c, v, count); });
        });
  }
}

// y of row `row` of tiles from M[point, tile, o]; first (C_out) and residual as in product.h.
void output_row(const Tiles& tiles, int row, int C, const real* M, int64_t step, const real* first,
                const real* residual, real* y) {
  for (int t = 0; t < tiles.across(); ++t) {
    const Square out = tiles.square(row, t, 0);
    for_vectors(
        C, [=](int64_t o, int count) __attribute__((always_inline)) {
          const vec start = load(first + o, count);
          columns_then_rows(
              transform_output<4>,
              [=](int i, int j) { return load(M + (6 * i + j) * step + int64_t(t) * C + o, count); },
              [=](int i, int j, vec v) {
                if (!out.has(i, j)) return;
                const int64_t at = out.pixel(i, j) * C + o;
                v += start;
                fetch_next_to_write(y + at, C);
                if (residual) v += load(residual + at, count);
                store(y + at, v, count);
              });
        });
  }
}

// D[point, tile, o] of row `row` of dy's tiles, zeros outside the image; rows
// of D are whole vectors.
void transform_gradient_row(const Tiles& tiles, int row, int C, const real* dy, real* D, int64_t step) {
  const int cols = padded_cols(C);
  for (int t = 0; t < tiles.across(); ++t) {
    const Square in = tiles.square(row, t, 0);
    for (int o = 0; o < cols; o += lanes)
      columns_then_rows(
          transform_filter<4>,
          [=](int i, int j) {
            const real* from = dy + in.pixel(i, j) * C + o;
            fetch_next(from, C);
            return in.has(i, j) ? load(from, C - o) : vec{};
          },
          [=](int i, int j, vec d) { store(D + (6 * i + j) * step + int64_t(t) * cols + o, d); });
  }
}

}  // namespace

void winograd_forward(const Convolution& s, const real* x, const real* w, const real* bias, const real* shift,
                      const real* residual, real* y) {
  static thread_local Scratch U_space;
  const int cols = padded_cols(s.C_out);
  const real* U = transform_weights(s.C_in, s.C_out, w, U_space);
  const int64_t U_step = padded_step(int64_t(s.C_in) * cols);
  const Tiles tiles{s.H, s.W};
  const int rows = s.B * tiles.down(), across = tiles.across();
  // Blocks of about the same size, as many for each thread.
  const int blocks = threads() * ((rows - 1) / (threads() * tiles.rows_of(forward_tiles(s))) + 1);
  const int rows_a_block = (rows + blocks - 1) / blocks;
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(s.multiply_adds()))
  for (int begin = 0; begin < rows; begin += rows_a_block) {
    static thread_local Scratch V_space, M_space, first_space;
    const int count = std::min(rows_a_block, rows - begin), n = count * across;
    const int64_t V_step = padded_step(int64_t(n) * s.C_in), M_step = padded_step(int64_t(n) * s.C_out);
    real *V = V_space.get(points * V_step), *M = M_space.get(points * M_step);
    real* first = first_space.zeros(cols);
    for (int r = 0; r < count; ++r)
      transform_row(tiles, begin + r, s.C_in, x, V + int64_t(r) * across * s.C_in, V_step);

    const TileLoop loop{1, s.C_in, 0, 1, s.C_in, 0, cols};
    for (int k = 0; k < points; ++k)
      for (int o = 0; o < s.C_out; o += tile_cols)
        product_rows(loop, n, std::min(tile_cols, s.C_out - o), V + k * V_step, U + k * U_step + o, first,
                     nullptr, M + k * M_step + o, s.C_out);

    for (int r = 0; r < count; ++r) {
      const int64_t b = tiles.image(begin + r);
      for (int o = 0; o < s.C_out; ++o)
        first[o] = (bias ? bias[o] : 0) + (shift ? shift[b * s.C_out + o] : 0);
      output_row(tiles, begin + r, s.C_out, M + int64_t(r) * across * s.C_out, M_step, first, residual, y);
    }
  }
}

void winograd_weight_gradient(const Convolution& s, const real* x, const real* dy, Accumulator dw) {
  static thread_local Scratch parts_space;
  const int groups = groups_of(s.B), cols = padded_cols(s.C_out);
  const int64_t dU_step = padded_step(int64_t(s.C_in) * s.C_out), n = points * dU_step;
  real* parts = parts_space.get(groups * n);
  const Tiles tiles{s.H, s.W};
  const int across = tiles.across(), rows_a_block = tiles.rows_of(gradient_tiles(s));
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(s.multiply_adds()))
  for (int g = 0; g < groups; ++g) {
    static thread_local Scratch V_space, D_space;
    real* dU = parts + g * n;
    const int first = s.B * g / groups * tiles.down(), last = s.B * (g + 1) / groups * tiles.down();
    for (int begin = first; begin < last; begin += rows_a_block) {
      const int count = std::min(rows_a_block, last - begin), turns = count * across;
      const int64_t V_step = padded_step(int64_t(turns) * s.C_in),
                    D_step = padded_step(int64_t(turns) * cols);
      real *V = V_space.get(points * V_step), *D = D_space.get(points * D_step);
      for (int r = 0; r < count; ++r) {
        transform_row(tiles, begin + r, s.C_in, x, V + int64_t(r) * across * s.C_in, V_step);
        transform_gradient_row(tiles, begin + r, s.C_out, dy, D + int64_t(r) * across * cols, D_step);
      }
      const TileLoop loop{1, turns, 0, s.C_in, 1, 0, cols};
      for (int k = 0; k < points; ++k)
        add_outer_products(loop, s.C_in, s.C_out, V + k * V_step, D + k * D_step,
                           {dU + k * dU_step, begin == first});
    }
  }
  const real* dU = parts;  // the first group's sums: the others are added to them
  add_groups(groups - 1, n, parts + n, parts);

#pragma omp parallel for schedule(static) if (worth_threads(n))
  for (int c = 0; c < s.C_in; ++c)
    for_vectors(s.C_out, [=](int64_t o, int count) {
      const int64_t at = int64_t(c) * s.C_out + o;
      columns_then_rows(
          transform_output<3>, [=](int i, int j) { return load(dU + (6 * i + j) * dU_step + at, count); },
          [=](int i, int j, vec g) {
            accumulate(dw, (3 * i + j) * int64_t(s.C_in) * s.C_out + at, g, count);
          });
    });
}

}  // namespace ddpm::kernels
