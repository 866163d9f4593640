// Softmax attention, made of the register tiles' products. Contract: kernels.h.
// The (P, P) weights are never whole in memory: going forward a block of queries
// meets all keys, in the gradient a block of keys all queries (Dao et al. 2022,
// FlashAttention, whose formulas for the gradient these are). Only the gradient's
// dS is, one head's for each thread: it is summed over all keys at the end.
// All is written for one head of dense arrays; several heads of an image are copied to such arrays.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/cpu/columns.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/product.h"
#include "kernels/cpu/transpose.h"
#include "kernels/kernels.h"

namespace ddpm::kernels {
namespace {

// y (rows, cols) = so_far + x (rows, inner) · w (inner, cols), rows x_row, y_row and
// padded_cols(cols) apart; so_far (optional, may be y) has y's rows.
void multiply(int rows, int cols, int inner, const real* x, int64_t x_row, const real* w, const real* so_far,
              real* y, int64_t y_row) {
  static thread_local Scratch space;
  const real* zeros = space.zeros(tile_cols);
  const TileLoop loop{1, inner, 0, 1, x_row, 0, padded_cols(cols)};
  for (int c = 0; c < cols; c += tile_cols)
    product_rows(loop, rows, std::min(tile_cols, cols - c), x, w + c, zeros, so_far ? so_far + c : nullptr,
                 y + c, y_row);
}

const real* transposed(int P, int C, const real* x, Scratch& space) {
  real* y = space.get(int64_t(C) * padded_cols(P));
  transpose(P, C, x, C, y, padded_cols(P));
  return y;
}

// The largest of n numbers, whole vectors.
real largest(int n, const real* x) {
  vec so_far = load(x);
  for (int i = lanes; i < n; i += lanes) {
    const vec v = load(x + i);
    so_far = v > so_far ? v : so_far;
  }
  return reduce(so_far, [](vec a, vec b) { return a > b ? a : b; });
}

// row (P) = softmax(factor · row) = exp(factor · (row − row_max)) · inv_row_sum. Behind it
// there is room up to whole vectors, where anything may be left.
void softmax(int P, real factor, real* row, real& row_max, real& inv_row_sum) {
  const int padded = padded_cols(P);
  std::fill(row + P, row + padded, std::numeric_limits<real>::lowest());
  row_max = largest(padded, row);
  vec sums{};
  for (int i = 0; i < padded; i += lanes) {
    const vec e = exp((load(row + i) - row_max) * factor);
    store(row + i, e);
    sums += e;
  }
  inv_row_sum = 1 / sum(sums);
  for (int i = 0; i < padded; i += lanes) store(row + i, load(row + i) * inv_row_sum);
}

// Queries, or in the gradient keys, whose weights are in memory at a time.
constexpr int block_rows = 3 * tile_rows;

real score_factor(int C) { return real(1) / std::sqrt(real(C)); }

// One head of one image.
void attend(int P, int C, const real* q, const real* k, const real* v, real* y, real* row_max,
            real* inv_row_sum) {
  static thread_local Scratch k_space, v_space, A_space;
  const int padded = padded_cols(P);
  const real factor = score_factor(C);
  const real *kT = transposed(P, C, k, k_space), *vw = pad_cols(P, C, v, v_space);
  real* A = A_space.get(int64_t(block_rows) * padded);
  for (int first = 0; first < P; first += block_rows) {
    const int rows = std::min(block_rows, P - first);
    multiply(rows, padded, C, q + int64_t(first) * C, C, kT, nullptr, A, padded);
    for (int64_t i = 0; i < rows; ++i)
      softmax(P, factor, A + i * padded, row_max[first + i], inv_row_sum[first + i]);
    multiply(rows, C, P, A, padded, vw, nullptr, y + int64_t(first) * C, C);
  }
}

// The gradient of one head of one image; Sᵀ, Aᵀ, … have a row for every key, a column for every query:
//   A_ij = exp((q_i·k_j − row_max_i)/√C)·inv_row_sum_i    D_i = Σ_j A_ij dA_ij = dy_i·y_i
//   dS_ij = A_ij (dy_i·v_j − D_i)/√C
//   dv_j = Σ_i A_ij dy_i      dk_j = Σ_i dS_ij q_i        dq_i = Σ_j dS_ij k_j
struct HeadGradient {
  int P, C, padded = padded_cols(P), cols = padded_cols(C);
  const real *q, *k, *v, *y, *row_max, *inv_row_sum, *dy;
  Accumulator dq, dk, dv;

  // D[i] = dy_i·y_i
  void products(real* D) const {
    for (int i = 0; i < P; ++i) {
      vec sums{};
      for_vectors(C, [&](int64_t c, int n) {
        sums = mul_add(load(dy + int64_t(i) * C + c, n), load(y + int64_t(i) * C + c, n), sums);
      });
      D[i] = sum(sums);
    }
  }

  void add() const {
    static thread_local Scratch qT_space, dyT_space, q_space, k_space, dy_space, sums_space, A_space,
        dS_space;
    const real *qT = transposed(P, C, q, qT_space), *dyT = transposed(P, C, dy, dyT_space);
    const real *qw = pad_cols(P, C, q, q_space), *kw = pad_cols(P, C, k, k_space),
               *dyw = pad_cols(P, C, dy, dy_space);
    real *D = sums_space.zeros(3 * int64_t(padded)), *m = D + padded, *s = m + padded;
    products(D);
    std::copy_n(row_max, P, m);
    std::copy_n(inv_row_sum, P, s);
    real *A = A_space.get(int64_t(block_rows) * padded), *dS = dS_space.get(int64_t(P) * padded);
    const real factor = score_factor(C);
    for (int first = 0; first < P; first += block_rows) {
      const int rows = std::min(block_rows, P - first);
      const int64_t at = int64_t(first) * C;
      real* dS_rows = dS + int64_t(first) * padded;
      multiply(rows, padded, C, k + at, C, qT, nullptr, A, padded);
      multiply(rows, padded, C, v + at, C, dyT, nullptr, dS_rows, padded);
      for (int64_t j = 0; j < int64_t(rows) * padded; j += padded)
        for (int i = 0; i < padded; i += lanes) {
          const vec a = exp((load(A + j + i) - load(m + i)) * factor) * load(s + i);
          store(A + j + i, a);
          store(dS_rows + j + i, a * (load(dS_rows + j + i) - load(D + i)) * factor);
        }
      const Accumulator dv_rows = dv + at, dk_rows = dk + at;
      multiply(rows, C, P, A, padded, dyw, dv_rows.so_far(), dv_rows.target(), C);
      multiply(rows, C, P, dS_rows, padded, qw, dk_rows.so_far(), dk_rows.target(), C);
    }
    add_outer_products({1, P, 0, padded, 1, 0, cols}, P, C, dS, kw, dq);
  }
};

// Head `index` of B·heads: P rows of D numbers, C apart, from element `first` on.
struct Head {
  int P, C, D;
  int64_t first, rows;  // rows: of row_max and inv_row_sum, the first element
  Head(int P, int C, int heads, int64_t index)
      : P(P), C(C), D(C / heads), first(index / heads * P * C + index % heads * D), rows(index * P) {}

  // Returns the head of x as a dense (P, D): in x if it lies there, else a copy in space.
  const real* dense(const real* x, Scratch& space) const {
    if (D == C) return x + first;
    real* copy = space.get(int64_t(P) * D);
    for (int64_t p = 0; p < P; ++p) std::copy_n(x + first + p * C, D, copy + p * D);
    return copy;
  }
  // Returns where to compute the head of x as a dense (P, D): in x if it lies there, else in space.
  Accumulator target(Accumulator x, Scratch& space) const {
    return D == C ? x + first : Accumulator(space.get(int64_t(P) * D), true);
  }
  // Adds what was computed in target() to x, unless it is there.
  void add(Accumulator computed, Accumulator x) const {
    if (D == C) return;
    for (int64_t p = 0; p < P; ++p)
      for_vectors(D, [&](int64_t c, int n) {
        accumulate(x + first, p * C + c, load(computed.target() + p * D + c, n), n);
      });
  }
};

}  // namespace

void attention(int B, int P, int C, int heads, const real* q, const real* k, const real* v, real* y,
               real* row_max, real* inv_row_sum) {
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(int64_t(2) * B * P * P * C))
  for (int i = 0; i < B * heads; ++i) {
    static thread_local Scratch q_space, k_space, v_space, y_space;
    const Head head(P, C, heads, i);
    const Accumulator all_y(y, true), head_y = head.target(all_y, y_space);
    attend(P, head.D, head.dense(q, q_space), head.dense(k, k_space), head.dense(v, v_space), head_y.target(),
           row_max + head.rows, inv_row_sum + head.rows);
    head.add(head_y, all_y);
  }
}

void attention_gradient(int B, int P, int C, int heads, const real* q, const real* k, const real* v,
                        const real* y, const real* row_max, const real* inv_row_sum, const real* dy,
                        Accumulator dq, Accumulator dk, Accumulator dv) {
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(int64_t(2) * B * P * P * C))
  for (int i = 0; i < B * heads; ++i) {
    static thread_local Scratch q_space, k_space, v_space, y_space, dy_space, dq_space, dk_space, dv_space;
    const Head head(P, C, heads, i);
    HeadGradient gradient{.P = P,
                          .C = head.D,
                          .q = head.dense(q, q_space),
                          .k = head.dense(k, k_space),
                          .v = head.dense(v, v_space),
                          .y = head.dense(y, y_space),
                          .row_max = row_max + head.rows,
                          .inv_row_sum = inv_row_sum + head.rows,
                          .dy = head.dense(dy, dy_space),
                          .dq = head.target(dq, dq_space),
                          .dk = head.target(dk, dk_space),
                          .dv = head.target(dv, dv_space)};
    gradient.add();
    head.add(gradient.dq, dq);
    head.add(gradient.dk, dk);
    head.add(gradient.dv, dv);
  }
}

}  // namespace ddpm::kernels
