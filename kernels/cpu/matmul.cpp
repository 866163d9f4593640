// Matrix products: 1×1 convolutions and dense layers, made of the same
// register tiles as the 3×3 convolutions. Contract: kernels.h.
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/product.h"
#include "kernels/cpu/transpose.h"
#include "kernels/kernels.h"

namespace ddpm::kernels {
namespace {

constexpr int task_rows = 8 * tile_rows;

// y = bias + residual + x·w for all rows; w has rows of padded_cols(N).
void product(int M, int N, int K, const real* x, const real* w, const real* bias, const real* residual,
             real* y) {
  static thread_local Scratch space;
  const int cols = padded_cols(N);
  real* first = space.zeros(cols);
  if (bias) std::copy_n(bias, N, first);
  const TileLoop loop{1, K, 0, 1, K, 0, cols};
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(int64_t(M) * N * K))
  for (int begin = 0; begin < M; begin += task_rows) {
    const int rows = std::min(task_rows, M - begin);
    for (int c = 0; c < N; c += tile_cols) {
      const int64_t at = int64_t(begin) * N + c;
      product_rows(loop, rows, std::min(tile_cols, N - c), x + int64_t(begin) * K, w + c, first + c,
                   residual ? residual + at : nullptr, y + at, N);
    }
  }
}

}  // namespace

void matmul(int M, int N, int K, const real* x, const real* w, const real* bias, const real* residual,
            real* y) {
  static thread_local Scratch space;
  product(M, N, K, x, pad_cols(K, N, w, space), bias, residual, y);
}

// dx += dy·wᵀ
void matmul_input_gradient(int M, int N, int K, const real* dy, const real* w, Accumulator dx) {
  static thread_local Scratch space;
  const int cols = padded_cols(K);
  real* transposed = space.get(int64_t(N) * cols);
  transpose(K, N, w, N, transposed, cols);
  product(M, K, N, dy, transposed, nullptr, dx.so_far(), dx.target());
}

// dw += xᵀ·dy, the rows summed in a number of groups that depends on M alone.
void matmul_weight_gradient(int M, int N, int K, const real* x, const real* dy, Accumulator dw) {
  static thread_local Scratch space, dy_space;
  const int groups = std::min((M + 255) / 256, most_groups), cols = padded_cols(N);
  const int64_t n = int64_t(K) * N;
  const real* padded = pad_cols(M, N, dy, dy_space);
  real* parts = space.get(groups * n);
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(M * n))
  for (int g = 0; g < groups; ++g) {
    const int begin = int64_t(M) * g / groups, end = int64_t(M) * (g + 1) / groups;
    const TileLoop loop{1, end - begin, 0, K, 1, 0, cols};
    add_outer_products(loop, K, N, x + int64_t(begin) * K, padded + int64_t(begin) * cols,
                       {parts + g * n, true});
  }
  add_groups(groups, n, parts, dw);
}

}  // namespace ddpm::kernels
