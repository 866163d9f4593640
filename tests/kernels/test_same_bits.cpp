// Checks that an element's bits depend on its inputs alone: not on its position in a vector, and not on how
// many elements, rows, channels or images a kernel computes beside it. A compiler that fuses a product and
// a sum in one loop but not in another (kernels/cpu/vec.h) fails here. tests/same_bits.sh runs the suite
// "same bits", which has cases in other files, too, for several compilers and instruction sets.
#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "tests/support/arrays.h"
#include "tests/support/convolutions.h"
#include "tests/support/methods.h"

namespace ddpm::test {

namespace {

// part(first, count, out) computes `count` rows of `width` numbers, from row `first` on, into out, which
// holds the numbers of start before. Returns "" if all parts have the bits that their rows have when all
// rows are computed together, else which part differs.
template <typename Part>
std::string depends_on_position(int rows, int64_t width, const Array& start, Part part) {
  Array whole = start;
  part(0, rows, whole.data());
  for (int count = 1; count < rows; count = count < 36 ? count + 1 : 2 * count)
    for (const int first : {0, 1, (rows - count) / 2, rows - count}) {
      Array alone(count * width);
      std::copy_n(start.data() + first * width, alone.size(), alone.data());
      part(first, count, alone.data());
      if (!alone.guarded()) return "written outside the array";
      if (std::memcmp(alone.data(), whole.data() + first * width, size_t(alone.size()) * sizeof(real)) != 0)
        return text("rows ", first, " to ", first + count - 1, " of ", rows, " differ when computed alone");
    }
  return "";
}

// The statement computes `count` rows from row i on into t.
#define CHECK_ANY_PART(rows, width, start, ...) \
  CHECK(depends_on_position(rows, width, start, \
                            [&]([[maybe_unused]] int i, int count, real* t) { __VA_ARGS__; }) == "")

const int n = 101;  // elements

}  // namespace

TEST_SUITE_BEGIN("same bits");

TEST_CASE("same bits: pointwise, wherever the element is") {
  const Array x = normal(n, 'x'), y = normal(n, 'y'), start = normal(n, 's');
  const real a = real(0.7), c = real(-1.3);
  CHECK_ANY_PART(n, 1, start, kernels::swish(count, x + i, t));
  CHECK_ANY_PART(n, 1, start, kernels::swish_gradient(count, x + i, y + i, t));
  CHECK_ANY_PART(n, 1, start, kernels::swish_gradient(count, x + i, y + i, {t, true}));
  CHECK_ANY_PART(n, 1, start, kernels::add(count, x + i, t));
  CHECK_ANY_PART(n, 1, start, kernels::scale(count, real(0.3), t));
  CHECK_ANY_PART(n, 1, start, kernels::clip(count, real(-0.3), real(0.3), t));
  CHECK_ANY_PART(n, 1, start, kernels::linear_combination(1, count, &a, x + i, &c, y + i, t));
  CHECK_ANY_PART(n, 1, start, kernels::linear_combination(1, count, &a, x + i, &c, t, t));
  CHECK_ANY_PART(n, 1, start, kernels::ema(count, real(0.999), x + i, t));
  const int width = 19;  // of an image
  const Array dout(n / width, real(0.3));
  CHECK_ANY_PART(n / width, width, start, const int at = i * width;
                 kernels::mean_squared_error_gradient(count, width, dout.data() + i, x + at, y + at, t));
}

TEST_CASE("same bits: a product and a sum round as written, the compiler does not fuse them") {
  // a^2 = 1 + 2^(1-k) + 2^(-2k). Rounding removes the last term, a fused multiply-add keeps it.
  const int k = (std::numeric_limits<real>::digits + 2) / 2;
  const real a = 1 + std::ldexp(real(1), -k), rounded = 1 + std::ldexp(real(1), 1 - k), minus_one = -1;
  const Array x(n, a), y(n, rounded);
  Array difference(n);
  kernels::linear_combination(1, n, &a, x, &minus_one, y, difference);
  CHECK(differs(difference, Array(n, 0), 0) == "");
}

TEST_CASE("same bits: adam, wherever the weight is") {
  const Array grad = normal(n, 'g'), m = normal(n, 'm'), v = magnitudes(normal(n, 'v')), w = normal(n, 'w');
  const AdamStep step{1e-3, 0.9, 0.999, 1e-8, 3, 0.5};
  CHECK_ANY_PART(n, 1, w, Array a = m, b = v; kernels::adam(count, step, grad + i, a + i, b + i, t));
  CHECK_ANY_PART(n, 1, m, Array a = w, b = v; kernels::adam(count, step, grad + i, t, b + i, a + i));
  CHECK_ANY_PART(n, 1, v, Array a = w, b = m; kernels::adam(count, step, grad + i, b + i, t, a + i));
}

TEST_CASE("same bits: random numbers and dropout, however many there are") {
  const Stream stream{7, 3, 11, 5};
  const Array x = normal(n, 'x'), start = normal(n, 's');
  Array uniform(n), normals(n), dropped(n), gradient = start;
  kernels::fill_uniform(n, stream, uniform);
  kernels::fill_normal(n, stream, normals);
  kernels::dropout(n, real(0.1), stream, x, dropped);
  kernels::dropout_gradient(n, real(0.1), stream, x, gradient);
  const auto same = [](int count, const Array& got, const Array& want) {
    return std::memcmp(got.data(), want.data(), size_t(count) * sizeof(real)) == 0;
  };
  for (int count = 1; count < n; ++count) {
    CAPTURE(count);
    Array t(n);
    CHECK((kernels::fill_uniform(count, stream, t), same(count, t, uniform)));
    CHECK((kernels::fill_normal(count, stream, t), same(count, t, normals)));
    CHECK((kernels::dropout(count, real(0.1), stream, x, t), same(count, t, dropped)));
    t = start;
    CHECK((kernels::dropout_gradient(count, real(0.1), stream, x, t), same(count, t, gradient)));
  }
}

TEST_CASE("same bits: matrix products, whichever rows are computed together") {
  for (const std::pair<int, int>& shape : {std::pair{33, 20}, {64, 7}, {1, 40}, {17, 33}}) {
    const int N = shape.first, K = shape.second;
    CAPTURE(text("N ", N, ", K ", K));
    const Array x = normal(n * K, 'x'), w = normal(K * N, 'w'), bias = normal(N, 'b'),
                residual = normal(n * N, 'r');
    const Array dy = normal(n * N, 'd');
    CHECK_ANY_PART(n, N, residual,
                   kernels::matmul(count, N, K, x + int64_t(i) * K, w, bias, residual + int64_t(i) * N, t));
    CHECK_ANY_PART(n, N, residual, kernels::matmul(count, N, K, x + int64_t(i) * K, w, nullptr, nullptr, t));
    CHECK_ANY_PART(n, K, x, kernels::matmul_input_gradient(count, N, K, dy + int64_t(i) * N, w, t));
    CHECK_ANY_PART(n, K, x, kernels::matmul_input_gradient(count, N, K, dy + int64_t(i) * N, w, {t, true}));
  }
}

// A channel may be in a block of whole vectors, or in the last block, which is narrower.
TEST_CASE("same bits: products, convolution and group norm, however many channels there are") {
  const int K = 9, all = 40, P = 25;
  const Array x = normal(P * K, 'x'), w = normal(9 * K * all, 'w'), image = normal(P * all, 'i'),
              dy = normal(P * all, 'd'), gamma = normal(all, 'g'), beta = normal(all, 'b');
  // Returns the first `few` elements of every row of `all`.
  const auto narrow = [](const Array& wide, int rows, int few) {
    Array narrowed(rows * few);
    for (int row = 0; row < rows; ++row)
      std::copy_n(wide.data() + row * all, few, narrowed.data() + row * few);
    return narrowed;
  };
  const auto norm = [&](int C, const Array& from, const Array& change, Array& y, Array& dx) {
    Array mean(C), rstd(C);
    kernels::group_norm(1, P, C, C, real(1e-6), Activation::swish, from, gamma, beta, y, mean, rstd);
    kernels::group_norm_gradient(1, P, C, C, Activation::swish, from, gamma, beta, mean, rstd, change,
                                 {dx, true}, nullptr, nullptr);
  };
  Array product(P * all), y(P * all), dx(P * all);
  kernels::matmul(P, all, K, x, w, beta, nullptr, product);
  norm(all, image, dy, y, dx);
  for (int few = 1; few < all; ++few) {
    CAPTURE(few);
    const Array some_w = narrow(w, 9 * K, few);
    Array some_product(P * few), some_y(P * few), some_dx(P * few);
    kernels::matmul(P, few, K, x, some_w, beta, nullptr, some_product);
    CHECK(differs(some_product, narrow(product, P, few), 0) == "");
    norm(few, narrow(image, P, few), narrow(dy, P, few), some_y, some_dx);
    CHECK(differs(some_y, narrow(y, P, few), 0) == "");
    CHECK(differs(some_dx, narrow(dx, P, few), 0) == "");
    for (const ConvolutionMethod method : both_methods) {
      const UseMethod used(method);
      Array whole(P * all), some(P * few);
      kernels::conv3x3({1, 5, 5, K, all, 1}, x, w, beta, nullptr, nullptr, whole);
      kernels::conv3x3({1, 5, 5, K, few, 1}, x, some_w, beta, nullptr, nullptr, some);
      CHECK(differs(some, narrow(whole, P, few), 0) == "");
    }
  }
}

// With 4 times as many channels, the factor 1 / sqrt(C) is half as large. A doubled q makes up for that
// without rounding.
TEST_CASE("same bits: attention, also with channels of zeros appended") {
  const int P = 30, C = 20, wide = 4 * C;
  const auto widened = [](const Array& x, real factor) {
    Array y(P * wide, 0);
    for (int p = 0; p < P; ++p)
      for (int c = 0; c < C; ++c) y[p * wide + c] = factor * x[p * C + c];
    return y;
  };
  const Array q = normal(P * C, 'q'), k = normal(P * C, 'k'), v = normal(P * C, 'v'), dy = normal(P * C, 'd');
  const Array wide_q = widened(q, 2), wide_k = widened(k, 1), wide_v = widened(v, 1),
              wide_dy = widened(dy, 1);
  Array y(P * C), row_max(P), inv_row_sum(P), dq(P * C), dk(P * C), dv(P * C);
  kernels::attention(1, P, C, 1, q, k, v, y, row_max, inv_row_sum);
  kernels::attention_gradient(1, P, C, 1, q, k, v, y, row_max, inv_row_sum, dy, {dq, true}, {dk, true},
                              {dv, true});
  Array wide_y(P * wide), wide_dq(P * wide), wide_dk(P * wide), wide_dv(P * wide);
  kernels::attention(1, P, wide, 1, wide_q, wide_k, wide_v, wide_y, row_max, inv_row_sum);
  kernels::attention_gradient(1, P, wide, 1, wide_q, wide_k, wide_v, wide_y, row_max, inv_row_sum, wide_dy,
                              {wide_dq, true}, {wide_dk, true}, {wide_dv, true});
  CHECK(differs(wide_y, widened(y, 1), 0) == "");
  CHECK(differs(wide_dq, widened(dq, real(0.5)), 0) == "");
  CHECK(differs(wide_dk, widened(dk, 1), 0) == "");
  CHECK(differs(wide_dv, widened(dv, 1), 0) == "");
}

TEST_CASE("same bits: convolution, whichever images are computed together, by either method") {
  for (const ConvolutionMethod method : both_methods)
    for (const Convolution& s :
         {Convolution{5, 7, 9, 20, 33, 1}, Convolution{5, 4, 4, 32, 16, 1}, Convolution{5, 8, 6, 33, 20, 2},
          Convolution{5, 5, 5, 1, 32, 1}, Convolution{5, 8, 6, 33, 20, 2, Padding::symmetric}}) {
      const UseMethod used(method);
      CAPTURE(name(s));
      const int64_t in = x_size(s) / s.B, out = y_size(s) / s.B;  // elements of an image
      const Array x = normal(s.B * in, 'x'), w = normal(w_size(s), 'w'), bias = normal(s.C_out, 'b'),
                  shift = normal(s.B * s.C_out, 's'), residual = normal(s.B * out, 'r');
      const auto images = [&](int count) { return with_images(s, count); };
      CHECK_ANY_PART(s.B, out, residual,
                     kernels::conv3x3(images(count), x + i * in, w, bias, shift + int64_t(i) * s.C_out,
                                      residual + i * out, t));
      CHECK_ANY_PART(s.B, in, x, kernels::conv3x3_input_gradient(images(count), residual + i * out, w, t));
      CHECK_ANY_PART(s.B, in, x,
                     kernels::conv3x3_input_gradient(images(count), residual + i * out, w, {t, true}));
    }
}

TEST_CASE("same bits: group norm, attention and sums, whichever images are computed together") {
  const int B = 5, P = 30, C = 36, G = 4, size = P * C;
  const Array x = normal(B * size, 'x'), k = normal(B * size, 'k'), v = normal(B * size, 'v'),
              dy = normal(B * size, 'd'), gamma = normal(C, 'g'), beta = normal(C, 'b');
  for (const Activation activation : {Activation::none, Activation::swish}) {
    Array y(B * size), mean(B * G), rstd(B * G);
    CHECK_ANY_PART(B, size, y, Array m(B * G), r(B * G); kernels::group_norm(
                       count, P, C, G, real(1e-6), activation, x + i * size, gamma, beta, t, m, r));
    kernels::group_norm(B, P, C, G, real(1e-6), activation, x, gamma, beta, y, mean, rstd);
    for (const bool fresh : {false, true})
      CHECK_ANY_PART(B, size, x,
                     kernels::group_norm_gradient(count, P, C, G, activation, x + i * size, gamma, beta,
                                                  mean + i * G, rstd + i * G, dy + i * size, {t, fresh},
                                                  nullptr, nullptr));
  }
  for (const int heads : {1, 4}) {
    const int rows = heads * P;
    Array y(B * size), row_max(B * rows), inv_row_sum(B * rows);
    kernels::attention(B, P, C, heads, x, k, v, y, row_max, inv_row_sum);
    CHECK_ANY_PART(B, size, y, Array m(B * rows), s(B * rows);
                   kernels::attention(count, P, C, heads, x + i * size, k + i * size, v + i * size, t, m, s));
    const auto gradient = [&](int i, int count, real* dq, real* dk, real* dv) {
      const int at = i * size;
      kernels::attention_gradient(count, P, C, heads, x + at, k + at, v + at, y + at, row_max + i * rows,
                                  inv_row_sum + i * rows, dy + at, dq, dk, dv);
    };
    CHECK_ANY_PART(B, size, x, Array a = x, b = x; gradient(i, count, t, a + i * size, b + i * size));
    CHECK_ANY_PART(B, size, x, Array a = x, b = x; gradient(i, count, a + i * size, t, b + i * size));
    CHECK_ANY_PART(B, size, x, Array a = x, b = x; gradient(i, count, a + i * size, b + i * size, t));
  }

  CHECK_ANY_PART(B, C, x, kernels::sum_pixels(count, P, C, x + i * size, t));
  std::vector<double> errors(B), alone(1);
  kernels::mean_squared_error(B, size, x, k, errors.data());
  for (int b = 0; b < B; ++b) {
    kernels::mean_squared_error(1, size, x + b * size, k + b * size, alone.data());
    CHECK(alone[0] == errors[b]);
  }
}

TEST_SUITE_END();

}  // namespace ddpm::test
