// Checks that results have the same bits with any number of threads: runs every kernel that may share its
// work with 1, 2, 3 and 7 threads, at sizes that are worth sharing and do not divide evenly.
#include <doctest/doctest.h>
#include <omp.h>

#include <cstring>

#include "tests/support/arrays.h"
#include "tests/support/convolutions.h"
#include "tests/support/methods.h"
#include "tests/support/threads.h"

namespace ddpm::test {

namespace {

// Returns how many threads a parallel loop of the kernels has now.
int threads_that_run() {
  int n = 0;
#pragma omp parallel
#pragma omp single
  n = omp_get_num_threads();
  return n;
}

// Calls run(target) once for each number of threads, with equal targets of n elements. Returns "" if all
// results are equal, else which one differs.
template <typename Run>
std::string depends_on_threads(int64_t n, Run run) {
  const Array start = normal(n, 'T');
  Array first = start;
  for (int count : {1, 2, 3, 7}) {
    const UseThreads threads(count);
    Array again = start;
    run(again.data());
    if (threads_that_run() != count) return text(threads_that_run(), " threads ran, not ", count);
    if (count == 1) first = again;
    if (std::memcmp(first.data(), again.data(), size_t(n) * sizeof(real)) != 0)
      return text(count, " threads differ from one");
  }
  return "";
}

// Compares the n numbers that the statement computes into t.
#define CHECK_SAME_BITS(n, ...) CHECK(depends_on_threads(n, [&](real* t) { __VA_ARGS__; }) == "")

}  // namespace

TEST_SUITE_BEGIN("same bits");

TEST_CASE("threads: set_threads sets their number") {
  CHECK(kernels::threads() >= 1);
  for (int n : {1, 2, 3, 7}) {
    const UseThreads threads(n);
    CHECK(kernels::threads() == n);
    CHECK(threads_that_run() == n);
  }
}

TEST_CASE("threads: the convolution has the same bits with any number, by either method") {
  for (const ConvolutionMethod method : both_methods)
    for (Convolution s :
         {Convolution{5, 14, 13, 33, 40, 1}, Convolution{5, 28, 28, 32, 32, 1},
          Convolution{5, 14, 10, 33, 40, 2}, Convolution{5, 14, 10, 33, 40, 2, Padding::symmetric},
          Convolution{1, 28, 28, 1, 32, 1}, Convolution{1, 14, 14, 64, 64, 1},
          Convolution{11, 7, 7, 48, 64, 1}}) {
      const UseMethod used(method);
      CAPTURE(name(s));
      const Array x = normal(x_size(s), 'x'), w = normal(w_size(s), 'w'), dy = normal(y_size(s), 'd'),
                  bias = normal(s.C_out, 'b'), shift = normal(s.B * s.C_out, 's');
      CHECK_SAME_BITS(y_size(s), kernels::conv3x3(s, x, w, bias, shift, dy, t));
      CHECK_SAME_BITS(x_size(s), kernels::conv3x3_input_gradient(s, dy, w, t));
      CHECK_SAME_BITS(w_size(s), kernels::conv3x3_weight_gradient(s, x, dy, t));
    }
}

TEST_CASE("threads: matrix products have the same bits with any number") {
  const int sizes[][3] = {{1001, 33, 65}, {64, 128, 32}, {5, 1024, 129}, {3136, 64, 64}};
  for (const int(&shape)[3] : sizes) {
    const int M = shape[0], N = shape[1], K = shape[2];
    CAPTURE(text("M ", M, ", N ", N, ", K ", K));
    const Array x = normal(M * K, 'x'), w = normal(K * N, 'w'), bias = normal(N, 'b'),
                dy = normal(M * N, 'd');
    CHECK_SAME_BITS(M * N, kernels::matmul(M, N, K, x, w, bias, dy, t));
    CHECK_SAME_BITS(M * K, kernels::matmul_input_gradient(M, N, K, dy, w, t));
    CHECK_SAME_BITS(K * N, kernels::matmul_weight_gradient(M, N, K, x, dy, t));
  }
}

TEST_CASE("threads: group norm has the same bits with any number") {
  const int B = 5, P = 196, C = 48, G = 8, n = B * P * C;
  const Array x = normal(n, 'x'), gamma = normal(C, 'g'), beta = normal(C, 'b'), dy = normal(n, 'd');
  for (const Activation activation : {Activation::none, Activation::swish}) {
    Array y(n), mean(B * G), rstd(B * G), dx = x, dgamma = gamma, dbeta = beta;
    auto forward = [&](real* y, real* mean, real* rstd) {
      kernels::group_norm(B, P, C, G, real(1e-6), activation, x, gamma, beta, y, mean, rstd);
    };
    CHECK_SAME_BITS(n, forward(t, mean, rstd));
    CHECK_SAME_BITS(B * G, forward(y, t, rstd));
    CHECK_SAME_BITS(B * G, forward(y, mean, t));
    auto backward = [&](real* dx, real* dgamma, real* dbeta) {
      kernels::group_norm_gradient(B, P, C, G, activation, x, gamma, beta, mean, rstd, dy, dx, dgamma, dbeta);
    };
    CHECK_SAME_BITS(n, backward(t, dgamma, dbeta));
    CHECK_SAME_BITS(C, backward(dx, t, dbeta));
    CHECK_SAME_BITS(C, backward(dx, dgamma, t));
  }
}

TEST_CASE("threads: attention has the same bits with any number") {
  for (const std::pair<int, int>& shape : {std::pair{1, 1}, {5, 1}, {1, 5}, {3, 2}}) {
    const int B = shape.first, heads = shape.second, P = 100, C = 40, n = B * P * C, rows = B * heads * P;
    const Array q = normal(n, 'q'), k = normal(n, 'k'), v = normal(n, 'v'), dy = normal(n, 'd');
    CAPTURE(text("B ", B, ", heads ", heads));
    Array y(n), row_max(rows), inv_row_sum(rows), dq = q, dk = k, dv = v;
    const auto forward = [&](real* y, real* row_max, real* inv_row_sum) {
      kernels::attention(B, P, C, heads, q, k, v, y, row_max, inv_row_sum);
    };
    const auto backward = [&](real* dq, real* dk, real* dv) {
      kernels::attention_gradient(B, P, C, heads, q, k, v, y, row_max, inv_row_sum, dy, dq, dk, dv);
    };
    forward(y, row_max, inv_row_sum);
    CHECK_SAME_BITS(n, forward(t, row_max, inv_row_sum));
    CHECK_SAME_BITS(rows, forward(y, t, inv_row_sum));
    CHECK_SAME_BITS(rows, forward(y, row_max, t));
    CHECK_SAME_BITS(n, backward(t, dk, dv));
    CHECK_SAME_BITS(n, backward(dq, t, dv));
    CHECK_SAME_BITS(n, backward(dq, dk, t));
  }
}

TEST_CASE("threads: pointwise kernels have the same bits with any number") {
  const int B = 5, H = 25, W = 24, C = 33, M = B * H * W, n = M * C;  // 99,000 elements
  const Array x = normal(n, 'x'), y = normal(4 * n, 'y'), a = normal(B, 'a');
  const Stream stream{1, 2, 3, 4};
  CHECK_SAME_BITS(n, kernels::swish(n, x, t));
  CHECK_SAME_BITS(n, kernels::swish_gradient(n, x, y, t));
  CHECK_SAME_BITS(n, kernels::dropout(n, real(0.1), stream, x, t));
  CHECK_SAME_BITS(n, kernels::dropout_gradient(n, real(0.1), stream, x, t));
  CHECK_SAME_BITS(4 * n, kernels::upsample(B, H, W, C, x, t));
  CHECK_SAME_BITS(n, kernels::upsample_gradient(B, H, W, C, y, t));
  CHECK_SAME_BITS(4 * n, kernels::concat(M, C, 3 * C, x, y, t));
  CHECK_SAME_BITS(2 * n, kernels::concat_gradient(M, 2 * C, 2 * C, y, t, nullptr));
  CHECK_SAME_BITS(2 * n, kernels::concat_gradient(M, 2 * C, 2 * C, y, nullptr, t));
  CHECK_SAME_BITS(n, kernels::fill(n, real(0.3), t));
  CHECK_SAME_BITS(n, kernels::add(n, x, t));
  CHECK_SAME_BITS(n, kernels::scale(n, real(0.3), t));
  CHECK_SAME_BITS(n, kernels::clip(n, real(-0.3), real(0.3), t));
  CHECK_SAME_BITS(n, kernels::linear_combination(B, n / B, a, x, a, y, t));
  CHECK_SAME_BITS(n, kernels::time_embedding(n / 40, 40, false, 1, x, t));
  CHECK_SAME_BITS(n, kernels::mean_squared_error_gradient(B, n / B, a, x, y, t));
  CHECK_SAME_BITS(n, kernels::ema(n, real(0.999), x, t));
  CHECK_SAME_BITS(n, kernels::fill_uniform(n, stream, t));
  CHECK_SAME_BITS(n, kernels::fill_normal(n, stream, t));
}

TEST_CASE("threads: adam has the same bits with any number") {
  const int n = 99001;
  const Array grad = normal(n, 'g'), start = magnitudes(normal(n, 's'));
  auto adam = [&](real* m, real* v, real* w) {
    kernels::adam(n, {1e-3, 0.9, 0.999, 1e-8, 3, 0.5}, grad, m, v, w);
  };
  Array m = start, v = start, w = start;
  CHECK_SAME_BITS(n, m = start, v = start, adam(m, v, t));
  CHECK_SAME_BITS(n, v = start, w = start, adam(t, v, w));
  CHECK_SAME_BITS(n, m = start, w = start, adam(m, t, w));
}

TEST_CASE("threads: sums have the same bits with any number") {
  const int B = 5, P = 196, C = 101, n = B * P * C;
  const Array x = normal(n, 'x'), y = normal(n, 'y');
  CHECK_SAME_BITS(B * C, kernels::sum_pixels(B, P, C, x, t));
  // The errors of the B images, then the sum of squares.
  const auto in_double = [&](int count) {
    const UseThreads threads(count);
    std::vector<double> sums(B + 1);
    kernels::mean_squared_error(B, n / B, x, y, sums.data());
    sums[B] = kernels::sum_squares(n, x);
    return sums;
  };
  for (int count : {2, 3, 7}) CHECK(in_double(count) == in_double(1));
}

TEST_SUITE_END();

}  // namespace ddpm::test
