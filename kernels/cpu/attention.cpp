// Softmax attention, one image a thread, made of the register tiles' products.
// Contract: kernels.h. The (P, P) scores live in the thread's work space only;
// the gradient computes them again.
#include <cmath>

#include "kernels/cpu/columns.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/product.h"
#include "kernels/kernels.h"

namespace kernels {
namespace {

// y (rows, cols) = residual + x (rows, inner) · w, w's rows padded to vectors.
void multiply(int rows, int cols, int inner, const real* x, const real* w, const real* residual,
              real* y) {
  static thread_local Scratch space;
  const real* zeros = space.zeros(tile_cols);
  const TileLoop loop{1, inner, 0, 1, inner, 0, padded_cols(cols)};
  for (int c = 0; c < cols; c += tile_cols)
    product_rows(loop, rows, std::min(tile_cols, cols - c), x, w + c, zeros,
                 residual ? residual + c : nullptr, y + c, cols);
}

// dw (rows, cols) += xᵀ·dy for x (inner, rows) and dy (inner, cols).
void add_transposed_product(int rows, int cols, int inner, const real* x, const real* dy, AddTo dw,
                            Scratch& space) {
  if (dw.fresh) std::fill_n(dw.at, int64_t{rows} * cols, real{0});
  const TileLoop loop{1, inner, 0, rows, 1, 0, padded_cols(cols)};
  add_outer_products(loop, rows, cols, x, pad_cols(inner, cols, dy, space), dw.at);
}

// (C, P) from (P, C), rows padded to vectors: a few rows of x at a time, so that
// they are still in the cache for the next column.
const real* transpose(int P, int C, const real* x, Scratch& space) {
  const int cols = padded_cols(P);
  real* y = space.get(int64_t{C} * cols);
  for (int begin = 0; begin < cols; begin += lanes)
    for (int c = 0; c < C; ++c) {
      real* to = y + int64_t{c} * cols + begin;
      const int count = std::min(lanes, P - begin);
      for (int i = 0; i < count; ++i) to[i] = x[int64_t{begin + i} * C + c];
      for (int i = count; i < lanes; ++i) to[i] = 0;
    }
  return y;
}

real greatest(int n, const real* x) {
  vec most = broadcast(x[0]);
  int i = 0;
  for (; i + lanes <= n; i += lanes) {
    const vec v = load(x + i);
    most = v > most ? v : most;
  }
  real m = most[0];
  for (int k = 1; k < lanes; ++k) m = std::max(m, most[k]);
  for (; i < n; ++i) m = std::max(m, x[i]);
  return m;
}

// row = softmax(factor · row), the greatest score taken off first.
void softmax(int n, real factor, real* row) {
  const real most = greatest(n, row);
  vec sums{};
  for_vectors(n, [&](int64_t i, int count) {
    const vec e = exp((load(row + i, count) - most) * factor);
    store(row + i, e, count);
    sums += load(row + i, count);
  });
  const real share = 1 / sum(sums);
  for (int i = 0; i < n; ++i) row[i] *= share;
}

// A[i, j] = softmax_j(q_i·k_j / √C) of one image.
void weights(int P, int C, const real* q, const real* k, real* A) {
  static thread_local Scratch space;
  multiply(P, P, C, q, transpose(P, C, k, space), nullptr, A);
  const real factor = real(1) / std::sqrt(static_cast<real>(C));
  for (int i = 0; i < P; ++i) softmax(P, factor, A + int64_t{i} * P);
}

// dS from dA, in place: dS_ij = A_ij (dA_ij − Σ_l dA_il A_il) / √C.
void softmax_gradient(int P, int C, const real* A, real* dA) {
  const real factor = real(1) / std::sqrt(static_cast<real>(C));
  for (int i = 0; i < P; ++i, A += P, dA += P) {
    vec sums{};
    for_vectors(P, [&](int64_t j, int n) { sums += load(A + j, n) * load(dA + j, n); });
    const real dot = sum(sums);
    for (int j = 0; j < P; ++j) dA[j] = factor * A[j] * (dA[j] - dot);
  }
}

}  // namespace

void attention(int B, int P, int C, const real* q, const real* k, const real* v, real* y) {
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(int64_t{2} * B * P * P * C))
  for (int b = 0; b < B; ++b) {
    static thread_local Scratch A_space, v_space;
    const int64_t at = int64_t{b} * P * C;
    real* A = A_space.get(int64_t{P} * P);
    weights(P, C, q + at, k + at, A);
    multiply(P, C, P, A, pad_cols(P, C, v + at, v_space), nullptr, y + at);
  }
}

void attention_gradient(int B, int P, int C, const real* q, const real* k, const real* v,
                        const real* dy, AddTo dq, AddTo dk, AddTo dv) {
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(int64_t{2} * B * P * P * C))
  for (int b = 0; b < B; ++b) {
    static thread_local Scratch A_space, space;
    const int64_t at = int64_t{b} * P * C;
    const AddTo dq_b{dq.at + at, dq.fresh}, dk_b{dk.at + at, dk.fresh}, dv_b{dv.at + at, dv.fresh};
    real *A = A_space.get(2 * int64_t{P} * P), *dA = A + int64_t{P} * P;
    weights(P, C, q + at, k + at, A);
    add_transposed_product(P, C, P, A, dy + at, dv_b, space);                 // dv += Aᵀ dy
    multiply(P, P, C, dy + at, transpose(P, C, v + at, space), nullptr, dA);  // dA = dy vᵀ
    softmax_gradient(P, C, A, dA);
    multiply(P, C, P, dA, pad_cols(P, C, k + at, space), dq.fresh ? nullptr : dq_b.at, dq_b.at);  // dq += dS k
    add_transposed_product(P, C, P, dA, q + at, dk_b, space);                 // dk += dSᵀ q
  }
}

}  // namespace kernels
