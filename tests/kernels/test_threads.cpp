// The same bits with any number of threads: every kernel that may share its
// work runs with 1, 2, 3 and 7 threads, at sizes that are worth sharing and do
// not divide evenly.
#include <doctest/doctest.h>

#include <cstring>

#include "tests/support/arrays.h"

namespace ddpm::test {

namespace {

// Puts the number of threads back when the test ends, however it ends.
struct Restore {
  int before = kernels::threads();
  ~Restore() { kernels::set_threads(before); }
};

// run(target) is called once for each number of threads, with a fresh target
// of n elements; "" if the results are all equal, else who differs.
template <typename Run>
std::string depends_on_threads(int64_t n, Run run) {
  const Restore restore;
  const Array start = normal(n, 'T');
  Array first = start;
  kernels::set_threads(1);
  run(first.data());
  for (int threads : {2, 3, 7}) {
    Array again = start;
    kernels::set_threads(threads);
    run(again.data());
    if (std::memcmp(first.data(), again.data(), size_t(n) * sizeof(real)) != 0)
      return text(threads, " threads differ from one");
  }
  return "";
}

// The n numbers that the statement computes into t.
#define CHECK_SAME_BITS(n, ...) CHECK(depends_on_threads(n, [&](real* t) { __VA_ARGS__; }) == "")

}  // namespace

TEST_SUITE_BEGIN("same bits");

TEST_CASE("set_threads sets the number of threads") {
  const Restore restore;
  CHECK(kernels::threads() >= 1);
  for (int n : {1, 2, 3, 7}) {
    kernels::set_threads(n);
    CHECK(kernels::threads() == n);
  }
}

TEST_CASE("convolution: the same bits with any number of threads") {
  for (Convolution s : {Convolution{5, 14, 13, 33, 40, 1}, Convolution{5, 28, 28, 32, 32, 1},
                        Convolution{5, 14, 10, 33, 40, 2}, Convolution{1, 28, 28, 1, 32, 1},
                        Convolution{1, 14, 14, 64, 64, 1}, Convolution{11, 7, 7, 48, 64, 1}}) {
    CAPTURE(text("B ", s.B, ", H ", s.H, ", C_in ", s.C_in, ", C_out ", s.C_out, ", stride ", s.stride));
    const int64_t x_size = int64_t(s.B) * s.H * s.W * s.C_in, w_size = int64_t(9) * s.C_in * s.C_out,
                  y_size = int64_t(s.B) * s.H_out() * s.W_out() * s.C_out;
    const Array x = normal(x_size, 'x'), w = normal(w_size, 'w'), dy = normal(y_size, 'd'),
                bias = normal(s.C_out, 'b'), shift = normal(s.B * s.C_out, 's');
    CHECK_SAME_BITS(y_size, kernels::conv3x3(s, x, w, bias, shift, dy, t));
    CHECK_SAME_BITS(x_size, kernels::conv3x3_input_gradient(s, dy, w, t));
    CHECK_SAME_BITS(w_size, kernels::conv3x3_weight_gradient(s, x, dy, t));
  }
}

TEST_CASE("matrix products: the same bits with any number of threads") {
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

TEST_CASE("group norm: the same bits with any number of threads") {
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

TEST_CASE("attention: the same bits with any number of threads") {
  for (int B : {1, 5}) {
    const int P = 100, C = 40, n = B * P * C;
    const Array q = normal(n, 'q'), k = normal(n, 'k'), v = normal(n, 'v'), dy = normal(n, 'd');
    Array y(n), row_max(B * P), inv_row_sum(B * P), dq = q, dk = k, dv = v;
    kernels::attention(B, P, C, q, k, v, y, row_max, inv_row_sum);
    auto backward = [&](real* dq, real* dk, real* dv) {
      kernels::attention_gradient(B, P, C, q, k, v, y, row_max, inv_row_sum, dy, dq, dk, dv);
    };
    CHECK_SAME_BITS(n, kernels::attention(B, P, C, q, k, v, t, row_max, inv_row_sum));
    CHECK_SAME_BITS(B * P, kernels::attention(B, P, C, q, k, v, y, t, inv_row_sum));
    CHECK_SAME_BITS(B * P, kernels::attention(B, P, C, q, k, v, y, row_max, t));
    CHECK_SAME_BITS(n, backward(t, dk, dv));
    CHECK_SAME_BITS(n, backward(dq, t, dv));
    CHECK_SAME_BITS(n, backward(dq, dk, t));
  }
}

TEST_CASE("pointwise and moving kernels: the same bits with any number of threads") {
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
  CHECK_SAME_BITS(n, kernels::time_embedding(n / 40, 40, x, t));
  CHECK_SAME_BITS(n, kernels::mean_squared_error_gradient(B, n / B, a, x, y, t));
  CHECK_SAME_BITS(n, kernels::ema(n, real(0.999), x, t));
  CHECK_SAME_BITS(n, kernels::fill_uniform(n, stream, t));
  CHECK_SAME_BITS(n, kernels::fill_normal(n, stream, t));
}

TEST_CASE("adam: the same bits with any number of threads") {
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

TEST_CASE("reductions: the same bits with any number of threads") {
  const Restore restore;
  const int B = 5, P = 196, C = 101, n = B * P * C;
  const Array x = normal(n, 'x'), y = normal(n, 'y');
  CHECK_SAME_BITS(B * C, kernels::sum_pixels(B, P, C, x, t));
  double squares = 0, errors[B] = {};
  for (int threads : {1, 2, 3, 7}) {
    kernels::set_threads(threads);
    double errors_now[B];
    kernels::mean_squared_error(B, n / B, x, y, errors_now);
    const double squares_now = kernels::sum_squares(n, x);
    if (threads == 1) squares = squares_now, std::memcpy(errors, errors_now, sizeof errors);
    CAPTURE(threads);
    CHECK(squares == squares_now);
    CHECK(std::memcmp(errors, errors_now, sizeof errors) == 0);
  }
}

TEST_SUITE_END();

}  // namespace ddpm::test
