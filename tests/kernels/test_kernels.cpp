// The kernels that work element by element, move elements, add them up or
// update weights, against their definitions at odd sizes. The other kernels:
// test_kernels_products.cpp, test_kernels_normalization.cpp, test_random.cpp.
#include <doctest/doctest.h>

#include <functional>

#include "tests/support/arrays.h"

namespace ddpm::test {

namespace {

const int64_t lengths[] = {1, 2, 7, 16, 33, 1000, 4097, 100003};

}  // namespace

TEST_CASE("the tests' arrays notice what they are for") {
  const Array want(3, 1);
  Array got(3, 1);
  CHECK(differs(got, want, 0) == "");
  got[1] = 2;
  CHECK(differs(got, want, 0) != "");
  Array before(3, 1), after(3, 1);
  before.data()[-1] = 0;
  after.data()[3] = 0;
  CHECK(differs(before, want, 0) == "written outside the array");
  CHECK(sum_differs(after, want, want, 1) == "written outside the array");
  CHECK(sum_differs(Array(3), want, want, 1) != "");
}

TEST_CASE("fill, add, scale and clip equal their definitions exactly") {
  for (int64_t n : lengths) {
    Array x = normal(n, 'x'), y = normal(n, 'y'), want_x = x, want_y = y;
    kernels::add(n, x, y);
    naive::add(n, x, want_y);
    CHECK(differs(y, want_y, 0) == "");
    kernels::scale(n, real(-1.7), x);
    naive::scale(n, real(-1.7), want_x);
    CHECK(differs(x, want_x, 0) == "");
    kernels::clip(n, real(-0.5), 1, x);
    naive::clip(n, real(-0.5), 1, want_x);
    CHECK(differs(x, want_x, 0) == "");
    kernels::fill(n, real(0.3), x);
    CHECK(differs(x, Array(n, real(0.3)), 0) == "");
    kernels::fill(n, real(-0.0), x);
    CHECK(std::signbit(x[n - 1]));
  }
}

TEST_CASE("combine mixes each image with its own coefficients, in place too") {
  for (int B : {1, 3, 5})
    for (int64_t n : {1, 17, 784, 3137}) {
      const Array a = normal(B, 'a'), c = normal(B, 'c'), x = normal(B * n, 'x'), y = normal(B * n, 'y');
      Array out(B * n), want(B * n), over_x = x, over_y = y;
      kernels::linear_combination(B, n, a, x, c, y, out);
      kernels::linear_combination(B, n, a, over_x, c, y, over_x);
      kernels::linear_combination(B, n, a, x, c, over_y, over_y);
      naive::linear_combination(B, n, a, x, c, y, want);
      // Two products of size 1 to 10 that may cancel, each rounded once.
      for (const Array& got : {out, over_x, over_y}) CHECK(differs(got, want, 16 * unit) == "");
    }
}

TEST_CASE("dropout keeps what its definition keeps, at the stated rate") {
  const Stream stream{7, 3, 11, 5};
  for (double p : {0.0, 0.1, 0.5})
    for (int64_t n : lengths) {
      const Array x = normal(n, 'x');
      Array y(n), want(n), dx = normal(n, 'X'), want_dx = dx;
      kernels::dropout(n, real(p), stream, x, y);
      naive::dropout(n, real(p), stream, x, want);
      CHECK(differs(y, want, 0, 4 * unit) == "");
      kernels::dropout_gradient(n, real(p), stream, x, dx);
      naive::dropout_gradient(n, real(p), stream, x, want_dx);
      CHECK(differs(dx, want_dx, 16 * unit) == "");
      int64_t kept = 0;
      for (int64_t i = 0; i < n; ++i) kept += y[i] != 0;
      CHECK(near(double(kept) / double(n), 1 - p, 4 * std::sqrt(p * (1 - p) / double(n))));
    }
}

TEST_CASE("upsample and its derivative equal their definitions") {
  const int sizes[][4] = {{1, 1, 1, 1},  {2, 3, 1, 3},    {3, 2, 5, 17}, {1, 7, 8, 33},
                          {2, 7, 7, 64}, {1, 14, 13, 40}, {5, 1, 2, 5},  {2, 16, 15, 8}};
  for (const int(&shape)[4] : sizes) {
    const int B = shape[0], H = shape[1], W = shape[2], C = shape[3];
    CAPTURE(text("B ", B, ", H ", H, ", W ", W, ", C ", C));
    const int64_t n = int64_t(B) * H * W * C;
    const Array x = normal(n, 'x'), dy = normal(4 * n, 'd');
    Array y(4 * n), want(4 * n), dx = normal(n, 'X'), want_dx = dx;
    kernels::upsample(B, H, W, C, x, y);
    naive::upsample(B, H, W, C, x, want);
    CHECK(differs(y, want, 0) == "");
    kernels::upsample_gradient(B, H, W, C, dy, dx);
    naive::upsample_gradient(B, H, W, C, dy, want_dx);
    CHECK(differs(dx, want_dx, 32 * unit) == "");  // four additions, partial sums up to 10
  }
}

TEST_CASE("concat and its derivative equal their definitions, with any choice of targets") {
  const int sizes[][3] = {{1, 1, 1}, {3, 5, 2}, {49, 64, 33}, {196, 32, 64}, {7, 1, 96}, {1000, 17, 16}};
  for (const int(&shape)[3] : sizes) {
    const int M = shape[0], C1 = shape[1], C2 = shape[2];
    CAPTURE(text("M ", M, ", C1 ", C1, ", C2 ", C2));
    const Array a = normal(M * C1, 'a'), b = normal(M * C2, 'b'), dy = normal(M * (C1 + C2), 'd');
    Array y(M * (C1 + C2)), want(M * (C1 + C2));
    kernels::concat(M, C1, C2, a, b, y);
    naive::concat(M, C1, C2, a, b, want);
    CHECK(differs(y, want, 0) == "");
    for (int choice = 0; choice < 4; ++choice) {
      Array da = a, db = b, want_da = a, want_db = b;
      kernels::concat_gradient(M, C1, C2, dy, choice & 1 ? da.data() : nullptr,
                               choice & 2 ? db.data() : nullptr);
      naive::concat_gradient(M, C1, C2, dy, choice & 1 ? want_da.data() : nullptr,
                             choice & 2 ? want_db.data() : nullptr);
      CHECK(differs(da, want_da, 0) == "");
      CHECK(differs(db, want_db, 0) == "");
    }
  }
}

TEST_CASE("time_embedding equals its definition at every t") {
  const int B = 1000;
  Array t(B);
  for (int b = 0; b < B; ++b) t[b] = real(b);
  for (int C : {4, 6, 32, 128}) {
    Array y(int64_t(B) * C), want(int64_t(B) * C);
    kernels::time_embedding(B, C, t, y);
    naive::time_embedding(B, C, t, want);
    // f_i is known to a few units of double; times t = 999 that is 1e-12.
    CHECK(differs(y, want, 2 * unit + 1e-12) == "");
    // By hand: f_0 = 1 and the last f = 1/10000.
    CHECK(near(y[999 * C], std::sin(999.0), 2 * unit));
    CHECK(near(y[999 * C + C / 2], std::cos(999.0), 2 * unit));
    CHECK(near(y[999 * C + C / 2 - 1], std::sin(0.0999), 2 * unit));
  }
}

TEST_CASE("sum_pixels equals its definition") {
  const int sizes[][3] = {{1, 1, 1}, {2, 3, 5}, {3, 49, 33}, {1, 784, 32}, {5, 196, 64}, {2, 210, 17}};
  for (const int(&shape)[3] : sizes) {
    const int B = shape[0], P = shape[1], C = shape[2];
    CAPTURE(text("B ", B, ", P ", P, ", C ", C));
    const Array x = normal(int64_t(B) * P * C, 'x');
    Array y = normal(B * C, 'y'), want = y, size = magnitudes(y);
    kernels::sum_pixels(B, P, C, x, y);
    naive::sum_pixels(B, P, C, x, want);
    naive::sum_pixels(B, P, C, magnitudes(x), size);
    CHECK(sum_differs(y, want, size, P) == "");
  }
}

TEST_CASE("the derivative of the mean equals its definition") {
  for (int64_t n : lengths) {
    const real dout = real(-1.3);
    Array dx = normal(n, 'X'), want_dx = dx;
    kernels::mean_gradient(n, &dout, dx);
    naive::mean_gradient(n, &dout, want_dx);
    CHECK(differs(dx, want_dx, 8 * unit, 2 * unit) == "");
  }
}

TEST_CASE("the squared error and its derivative equal their definitions") {
  for (int B : {1, 2, 5})
    for (int64_t n : lengths) {
      if (B * n > 200000) continue;
      const Array x = normal(B * n, 'x'), y = normal(B * n, 'y');
      std::vector<double> out(B, std::nan("")), want(B);
      kernels::mean_squared_error(B, n, x, y, out.data());
      naive::mean_squared_error(B, n, x, y, want.data());
      CHECK(mismatch(out.data(), want.data(), B, 0, 8 * sum_unit) == "");
      const Array dout = normal(B, 'd');
      Array dx = normal(B * n, 'X'), want_dx = dx;
      kernels::mean_squared_error_gradient(B, n, dout, x, y, dx);
      naive::mean_squared_error_gradient(B, n, dout, x, y, want_dx);
      CHECK(differs(dx, want_dx, 32 * unit) == "");
      CHECK(near(kernels::sum_squares(B * n, x), naive::sum_squares(B * n, x), 0, 4 * sum_unit));
    }
}

TEST_CASE("the softmax cross-entropy and its derivative equal their definitions") {
  for (const int N : {1, 2, 10, 37}) {
    const int B = 5;
    Array x = normal(B * N, 'x');
    for (int64_t i = 0; i < x.size(); ++i) x[i] *= 8;  // from sure to undecided
    x[0] = 300;                                        // exp(300) is beyond float
    for (int n = 0; n < N; ++n) x[4 * N + n] -= 800;   // exp(-800) is 0 in double
    const int label[B] = {N - 1, 0, N / 2, 0, N - 1};
    std::vector<double> out(B, std::nan("")), want(B);
    kernels::softmax_cross_entropy(B, N, x, label, out.data());
    naive::softmax_cross_entropy(B, N, x, label, want.data());
    // Differences of numbers of up to 800, in double.
    CHECK(mismatch(out.data(), want.data(), B, 1e-12) == "");
    Array dx = normal(B * N, 'X'), want_dx = dx;
    const real dout = 3.5;
    kernels::softmax_cross_entropy_gradient(B, N, &dout, x, label, dx);
    naive::softmax_cross_entropy_gradient(B, N, &dout, x, label, want_dx);
    CHECK(differs(dx, want_dx, 32 * unit + 1e-12) == "");
  }
}

TEST_CASE("long sums stay accurate") {
  // Three million equal terms: a sum in float would be off by a percent. Allowed
  // is the rounding of the terms, in real, and of a plain sum in double.
  const int64_t n = 3000001;
  const Array x(n, real(0.1)), zero(n, 0);
  const double square = double(real(0.1)) * real(0.1);
  double out = std::nan("");
  CHECK(near(kernels::sum_squares(n, x), double(n) * square, 0, 1e-10 + 2 * unit));
  kernels::mean_squared_error(1, n, x, zero, &out);
  CHECK(near(out, square, 0, 1e-10 + 2 * unit));
}

TEST_CASE("adam equals its definition at the first step and later") {
  for (int64_t n : lengths)
    for (int64_t step : {1, 2, 1000, 1000000}) {
      const AdamStep s{2e-4, 0.9, 0.999, 1e-8, step, 0.37};
      const Array grad = normal(n, 'g');
      Array m = normal(n, 'm'), v = normal(n, 'v'), w = normal(n, 'w');
      for (int64_t i = 0; i < n; ++i) v[i] = real(0.01) + v[i] * v[i];
      if (step == 1) naive::fill(n, 0, m), naive::fill(n, 0, v);
      Array want_m = m, want_v = v, want_w = w;
      kernels::adam(n, s, grad, m, v, w);
      naive::adam(n, s, grad, want_m, want_v, want_w);
      // 1 − β2 is 0.001: computed in float it would be off by 1000 units.
      CHECK(differs(m, want_m, step == 1 ? 0 : 8 * unit, 8 * unit) == "");
      CHECK(differs(v, want_v, 0, 8 * unit) == "");
      CHECK(differs(w, want_w, 4 * unit, 4 * unit) == "");
    }
  // The first step moves every weight by the learning rate, whatever the
  // gradient's size; no gradient moves none.
  Array m(3, 0), v(3, 0), w(3, 0), grad(3);
  grad[0] = real(1e-3), grad[1] = -5, grad[2] = 0;
  kernels::adam(3, {1e-3, 0.9, 0.999, 1e-8, 1, 1}, grad, m, v, w);
  const double moved[3] = {-1e-3, 1e-3, 0};
  CHECK(mismatch(w.data(), moved, 3, 0, 2e-5) == "");
}

TEST_CASE("ema equals its definition") {
  for (int64_t n : lengths) {
    const Array w = normal(n, 'w');
    Array average = normal(n, 'a'), want = average;
    kernels::ema(n, real(0.9999), w, average);
    naive::ema(n, real(0.9999), w, want);
    CHECK(differs(average, want, 4 * unit, 4 * unit) == "");
  }
}

// Runs every kernel that computes a gradient on fresh accumulators, which hold NaN, and on zeros. If a
// kernel reads a fresh element or does not write it, the NaN shows.
TEST_CASE("a fresh accumulator is overwritten with the gradient alone") {
  struct Row {
    const char* name;
    std::vector<int64_t> sizes;  // of the accumulators
    std::function<void(std::vector<Accumulator>)> run;
  };
  const int B = 3, H = 6, W = 10, C = 20, G = 4, P = H * W, n = B * P * C;
  const Array x = normal(n, 'x'), y = normal(n, 'y'), z = normal(n, 'z'), big = normal(4 * n, 'b'),
              w = normal(9 * C * C, 'w'), gamma = normal(C, 'g'), mean = normal(B * G, 'm'),
              rstd = normal(B * G, 'r');
  Array attended(n), row_max(B * P), inv_row_sum(B * P);
  kernels::attention(B, P, C, x, y, z, attended, row_max, inv_row_sum);
  const Stream stream{1, 2, 3, 4};
  // clang-format off
  const Row rows[] = {
      {"conv3x3, direct", {n}, [&](auto to) {
         const UseMethod direct(ConvolutionMethod::direct);
         kernels::conv3x3_input_gradient({B, H, W, C, C, 1}, x, w, to[0]);
       }},
      {"conv3x3, winograd", {n}, [&](auto to) {
         const UseMethod winograd(ConvolutionMethod::winograd);
         kernels::conv3x3_input_gradient({B, H, W, C, C, 1}, x, w, to[0]);
       }},
      {"conv3x3, stride 2", {n}, [&](auto to) {
         kernels::conv3x3_input_gradient({B, H, W, C, C, 2}, x, w, to[0]);
       }},
      {"matmul", {n}, [&](auto to) { kernels::matmul_input_gradient(B * P, C, C, x, w, to[0]); }},
      {"group norm", {n, C, C}, [&](auto to) {
         kernels::group_norm_gradient(B, P, C, G, Activation::swish, x, gamma, gamma, mean, rstd, y, to[0],
                                      to[1], to[2]);
       }},
      {"conv3x3, weights, direct", {9 * C * C}, [&](auto to) {
         const UseMethod direct(ConvolutionMethod::direct);
         kernels::conv3x3_weight_gradient({B, H, W, C, C, 1}, x, y, to[0]);
       }},
      {"conv3x3, weights, winograd", {9 * C * C}, [&](auto to) {
         const UseMethod winograd(ConvolutionMethod::winograd);
         kernels::conv3x3_weight_gradient({B, H, W, C, C, 1}, x, y, to[0]);
       }},
      {"matmul, weights", {C * C}, [&](auto to) {
         kernels::matmul_weight_gradient(B * P, C, C, x, y, to[0]);
       }},
      {"add", {n}, [&](auto to) { kernels::add(n, x, to[0]); }},
      {"sum over pixels", {B * C}, [&](auto to) { kernels::sum_pixels(B, P, C, x, to[0]); }},
      {"sum over many pixels", {C}, [&](auto to) { kernels::sum_pixels(1, 4 * B * P, C, big, to[0]); }},
      {"mean", {n}, [&](auto to) { kernels::mean_gradient(n, x, to[0]); }},
      {"squared error", {n}, [&](auto to) {
         kernels::mean_squared_error_gradient(B, P * C, mean, x, y, to[0]);
       }},
      {"cross-entropy", {B * C}, [&](auto to) {
         const int label[B] = {0, 3, C - 1};
         kernels::softmax_cross_entropy_gradient(B, C, mean, x, label, to[0]);
       }},
      {"attention", {n, n, n}, [&](auto to) {
         kernels::attention_gradient(B, P, C, x, y, z, attended, row_max, inv_row_sum, x, to[0], to[1],
                                     to[2]);
       }},
      {"swish", {n}, [&](auto to) { kernels::swish_gradient(n, x, y, to[0]); }},
      {"dropout", {n}, [&](auto to) { kernels::dropout_gradient(n, real(0.4), stream, x, to[0]); }},
      {"upsample", {n}, [&](auto to) { kernels::upsample_gradient(B, H, W, C, big, to[0]); }},
      {"concat", {n / 2, n / 2}, [&](auto to) {
         kernels::concat_gradient(B * P, C / 2, C / 2, x, to[0], to[1]);
       }},
  };
  // clang-format on
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::vector<Array> fresh, zero;
    for (int64_t size : row.sizes) fresh.emplace_back(size), zero.emplace_back(size, real(0));
    std::vector<Accumulator> to_fresh, to_zero;
    for (Array& a : fresh) to_fresh.emplace_back(a.data(), true);
    for (Array& a : zero) to_zero.emplace_back(a.data());
    row.run(to_fresh);
    row.run(to_zero);
    for (size_t i = 0; i < fresh.size(); ++i) CHECK(differs(fresh[i], zero[i], 0) == "");
  }
}

}  // namespace ddpm::test
