// 3×3 convolutions with a quarter of the multiplications (Winograd 1980; Lavin
// and Gray 2016). Contract: kernels.h. Checked by: tests/test_winograd.cpp.
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
#include "kernels/cpu/frame.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/product.h"
#include "kernels/kernels.h"


namespace kernels {
namespace {

constexpr int points = 36;       // 6×6
constexpr int block_tiles = 48;  // tiles that are transformed and multiplied together, about

// The distance between the points' matrices of n numbers. Every tile writes to
// all 36: a distance of a multiple of 4096 bytes would put them all in one set of
// the first-level cache, which holds 8 or 12.
int64_t apart(int64_t n) { return n + lanes; }

// Bᵀ d
void transform_data(const vec (&d)[6], vec (&out)[6]) {
  const vec even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
  const vec even2 = d[4] - d[2], odd2 = 2 * (d[3] - d[1]);
  out[0] = 4 * d[0] - 5 * d[2] + d[4];
  out[1] = even + odd;
  out[2] = even - odd;
  out[3] = even2 + odd2;
  out[4] = even2 - odd2;
  out[5] = 4 * d[1] - 5 * d[3] + d[5];
}

// G g, for a filter of N = 3 or 4 numbers.
template <int N>
void transform_filter(const vec (&g)[N], vec (&out)[6]) {
  vec odd = g[1], odd2 = 2 * g[1];
  if constexpr (N == 4) odd += g[3], odd2 += 8 * g[3];
  const vec even = g[0] + g[2], even2 = g[0] + 4 * g[2];
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
  out[1] = difference + 2 * difference2;
  out[2] = sum + 4 * sum2;
  if constexpr (N == 4) out[3] = difference + 8 * difference2;
  out[N - 1] += m[5];
}

// One of the above in two dimensions: the columns, then the rows.
template <int In, int Out>
inline __attribute__((always_inline)) void both_ways(void (*transform)(const vec (&)[In], vec (&)[Out]),
                                                     const vec (&in)[In][In], vec (&out)[Out][Out]) {
  vec half[Out][In];
  for (int j = 0; j < In; ++j) {
    vec column[In], result[Out];
    for (int i = 0; i < In; ++i) column[i] = in[i][j];
    transform(column, result);
    for (int i = 0; i < Out; ++i) half[i][j] = result[i];
  }
  for (int i = 0; i < Out; ++i) transform(half[i], out[i]);
}

// U[point, c, o] from w (3,3,C_in,C_out); U's rows are whole vectors, its
// points apart(C_in · padded_cols(C_out)).
const real* transform_weights(int C_in, int C_out, const real* w, Scratch& space) {
  const int cols = padded_cols(C_out);
  const int64_t step = apart(int64_t{C_in} * cols);
  real* U = space.get(points * step);
#pragma omp parallel for schedule(static) if (worth_threads(int64_t{9} * C_in * C_out))
  for (int c = 0; c < C_in; ++c)
    for (int o = 0; o < cols; o += lanes) {
      vec g[3][3], u[6][6];
      for (int k = 0; k < 9; ++k)
        g[k / 3][k % 3] = load(w + (int64_t{k} * C_in + c) * C_out + o, C_out - o);
      both_ways(transform_filter<3>, g, u);
      for (int k = 0; k < points; ++k) store(U + k * step + int64_t{c} * cols + o, u[k / 6][k % 6]);
    }
  return U;
}

// How images are cut into tiles of 4×4 outputs: rows of tiles, over all images.
struct Tiles {
  int H, W;
  int across() const { return (W + 3) / 4; }
  int down() const { return (H + 3) / 4; }
  int most_rows() const { return std::max(1, block_tiles / across()); }
};

// V[point, tile, c] of row `row` (over all images) of tiles, V's points `step` apart.
void transform_row(const Tiles& tiles, int row, int C, const real* x, real* V, int64_t step) {
  static thread_local Scratch space;
  const int width = 4 * tiles.across() + 2;
  real* framed = space.get(int64_t{6} * width * C);
  const Frame frame{tiles.H, tiles.W, C, 1, 1};
  copy_frame(frame, x + int64_t{row / tiles.down()} * tiles.H * tiles.W * C, row % tiles.down() * 4, 6, width, framed);
  for (int t = 0; t < tiles.across(); ++t)
    for_vectors(C, [&](int64_t c, int count) {
      vec d[6][6], v[6][6];
      for (int k = 0; k < points; ++k)
        d[k / 6][k % 6] = load(framed + (int64_t{k / 6} * width + 4 * t + k % 6) * C + c, count);
      both_ways(transform_data, d, v);
      for (int k = 0; k < points; ++k) store(V + k * step + int64_t{t} * C + c, v[k / 6][k % 6], count);
    });
}

// The pixels of tile t of a row of tiles that are inside the image, in order:
// f(pixel's place in the image, its place 0..15 in the tile).
template <typename F>
inline void for_pixels(const Tiles& tiles, int row, int t, F f) {
  const int top = row % tiles.down() * 4, left = 4 * t;
  for (int k = 0; k < 16; ++k)
    if (top + k / 4 < tiles.H && left + k % 4 < tiles.W)
      f(int64_t{top + k / 4} * tiles.W + left + k % 4, k);
}

// y of row `row` of tiles from M[point, tile, o]; first (C_out) and residual as
// in product.h, y and residual begin at the row's image.
void output_row(const Tiles& tiles, int row, int C, const real* M, int64_t step, const real* first,
                const real* residual, real* y) {
  for (int t = 0; t < tiles.across(); ++t)
    for_vectors(C, [&](int64_t o, int count) {
      vec m[6][6], out[4][4];
      for (int k = 0; k < points; ++k) m[k / 6][k % 6] = load(M + k * step + int64_t{t} * C + o, count);
      both_ways(transform_output<4>, m, out);
      for_pixels(tiles, row, t, [&](int64_t pixel, int k) {
        vec v = out[k / 4][k % 4] + load(first + o, count);
        if (residual) v += load(residual + pixel * C + o, count);
        store(y + pixel * C + o, v, count);
      });
    });
}

// D[point, tile, o] of row `row` of dy's tiles, zeros outside the image; rows
// of D are whole vectors.
void transform_gradient_row(const Tiles& tiles, int row, int C, const real* dy, real* D, int64_t step) {
  const int cols = padded_cols(C);
  dy += int64_t{row / tiles.down()} * tiles.H * tiles.W * C;
  for (int t = 0; t < tiles.across(); ++t)
    for (int o = 0; o < cols; o += lanes) {
      vec g[4][4]{}, d[6][6];
      for_pixels(tiles, row, t, [&](int64_t pixel, int k) { g[k / 4][k % 4] = load(dy + pixel * C + o, C - o); });
      both_ways(transform_filter<4>, g, d);
      for (int k = 0; k < points; ++k) store(D + k * step + int64_t{t} * cols + o, d[k / 6][k % 6]);
    }
}

}  // namespace

void winograd_forward(const Convolution& s, const real* x, const real* w, const real* bias,
                      const real* shift, const real* residual, real* y) {
  static thread_local Scratch U_space;
  const int cols = padded_cols(s.C_out);
  const real* U = transform_weights(s.C_in, s.C_out, w, U_space);
  const int64_t U_step = apart(int64_t{s.C_in} * cols);
  const Tiles tiles{s.H, s.W};
  const int rows = s.B * tiles.down(), across = tiles.across();
  // Blocks of about the same size, as many for each thread.
  const int blocks = threads() * ((rows - 1) / (threads() * tiles.most_rows()) + 1);
  const int rows_a_block = (rows + blocks - 1) / blocks;
  const int64_t image = int64_t{s.H} * s.W * s.C_out;
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(int64_t{9} * s.B * s.H * s.W * s.C_in * s.C_out))
  for (int begin = 0; begin < rows; begin += rows_a_block) {
    static thread_local Scratch V_space, M_space, first_space;
    const int count = std::min(rows_a_block, rows - begin), n = count * across;
    const int64_t V_step = apart(int64_t{n} * s.C_in), M_step = apart(int64_t{n} * s.C_out);
    real *V = V_space.get(points * V_step), *M = M_space.get(points * M_step);
    real* first = first_space.zeros(cols);
    for (int r = 0; r < count; ++r)
      transform_row(tiles, begin + r, s.C_in, x, V + int64_t{r} * across * s.C_in, V_step);

    const TileLoop loop{1, s.C_in, 0, 1, s.C_in, 0, cols};
    for (int k = 0; k < points; ++k)
      for (int o = 0; o < s.C_out; o += tile_cols)
        product_rows(loop, n, std::min(tile_cols, s.C_out - o), V + k * V_step,
                     U + k * U_step + o, first, nullptr, M + k * M_step + o, s.C_out);

    for (int r = 0; r < count; ++r) {
      const int64_t b = (begin + r) / tiles.down();
      for (int o = 0; o < s.C_out; ++o)
        first[o] = (bias ? bias[o] : 0) + (shift ? shift[b * s.C_out + o] : 0);
      output_row(tiles, begin + r, s.C_out, M + int64_t{r} * across * s.C_out, M_step, first,
                 residual ? residual + b * image : nullptr, y + b * image);
    }
  }
}

void winograd_weight_gradient(const Convolution& s, const real* x, const real* dy, real* dw) {
  static thread_local Scratch parts_space;
  const int groups = std::min(s.B, most_groups), cols = padded_cols(s.C_out);
  const int64_t dU_step = apart(int64_t{s.C_in} * s.C_out), n = points * dU_step;
  real* parts = parts_space.get((groups + 1) * n);
  const Tiles tiles{s.H, s.W};
  const int across = tiles.across(), rows_a_block = tiles.most_rows();
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(int64_t{9} * s.B * s.H * s.W * s.C_in * s.C_out))
  for (int g = 0; g < groups; ++g) {
    static thread_local Scratch V_space, D_space;
    real* dU = std::fill_n(parts + g * n, n, real{0}) - n;
    const int last = s.B * (g + 1) / groups * tiles.down();
    for (int begin = s.B * g / groups * tiles.down(); begin < last; begin += rows_a_block) {
      const int count = std::min(rows_a_block, last - begin), turns = count * across;
      const int64_t V_step = apart(int64_t{turns} * s.C_in), D_step = apart(int64_t{turns} * cols);
      real *V = V_space.get(points * V_step), *D = D_space.get(points * D_step);
      for (int r = 0; r < count; ++r) {
        transform_row(tiles, begin + r, s.C_in, x, V + int64_t{r} * across * s.C_in, V_step);
        transform_gradient_row(tiles, begin + r, s.C_out, dy, D + int64_t{r} * across * cols, D_step);
      }
      const TileLoop loop{1, turns, 0, s.C_in, 1, 0, cols};
      for (int k = 0; k < points; ++k)
        add_outer_products(loop, s.C_in, s.C_out, V + k * V_step, D + k * D_step,
                           dU + k * dU_step);
    }
  }
  real* dU = std::fill_n(parts + groups * n, n, real{0}) - n;
  add_groups(groups, n, parts, dU);

#pragma omp parallel for schedule(static) if (worth_threads(n))
  for (int c = 0; c < s.C_in; ++c)
    for_vectors(s.C_out, [&](int64_t o, int count) {
      vec m[6][6], g[3][3];
      for (int k = 0; k < points; ++k)
        m[k / 6][k % 6] = load(dU + k * dU_step + int64_t{c} * s.C_out + o, count);
      both_ways(transform_output<3>, m, g);
      for (int k = 0; k < 9; ++k) {
        real* to = dw + (int64_t{k} * s.C_in + c) * s.C_out + o;
        store(to, load(to, count) + g[k / 3][k % 3], count);
      }
    });
}

}  // namespace kernels
