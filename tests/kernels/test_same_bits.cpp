// An element's bits depend on its inputs alone: not on whether it stands in a whole vector
// or in the rest behind the last one, nor on how many elements, rows, channels or images
// were computed beside it. What a compiler rounds once here and twice there
// (kernels/cpu/vec.h) shows in these cases. The suite "same bits" is these, tests/kernels/test_threads.cpp
// and the cases above the kernels: tests/same_bits.sh runs it for other compilers,
// instruction sets and tunings.
#include <doctest/doctest.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string_view>

#include "ddpm/data/batch.h"
#include "ddpm/sample.h"
#include "ddpm/train.h"
#include "tests/support/arrays.h"
#include "tests/support/steps.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

// part(first, count, out) computes the rows first … first + count − 1, each of `width`
// numbers; `out` holds the numbers that start has there. "" if every part has the bits
// that these rows have in the whole, else the first that has not.
template <typename Part>
std::string depends_on_place(int rows, int64_t width, const Array& start, Part part) {
  Array whole = start;
  part(0, rows, whole.data());
  for (int count = 1; count < rows; count = count < 36 ? count + 1 : 2 * count)
    for (const int first : {0, 1, (rows - count) / 2, rows - count}) {
      Array alone(count * width);
      std::copy_n(start.data() + first * width, alone.size(), alone.data());
      part(first, count, alone.data());
      if (!alone.guarded()) return "written outside the array";
      if (std::memcmp(alone.data(), whole.data() + first * width, size_t(alone.size()) * sizeof(real)) != 0)
        return text("rows ", first, " to ", first + count - 1, " of ", rows, " differ when alone");
    }
  return "";
}

// The statement computes `count` rows from row `i` on into t.
#define CHECK_SAME_PLACE(rows, width, start, ...) \
  CHECK(depends_on_place(rows, width, start,      \
                         [&]([[maybe_unused]] int i, int count, real* t) { __VA_ARGS__; }) == "")

const int n = 101;  // elements

}  // namespace

TEST_SUITE_BEGIN("same bits");

TEST_CASE("pointwise kernels: an element's bits do not depend on its place") {
  const Array x = normal(n, 'x'), y = normal(n, 'y'), start = normal(n, 's');
  const real a = real(0.7), c = real(-1.3);
  CHECK_SAME_PLACE(n, 1, start, kernels::swish(count, x + i, t));
  CHECK_SAME_PLACE(n, 1, start, kernels::swish_gradient(count, x + i, y + i, t));
  CHECK_SAME_PLACE(n, 1, start, kernels::swish_gradient(count, x + i, y + i, {t, true}));
  CHECK_SAME_PLACE(n, 1, start, kernels::add(count, x + i, t));
  CHECK_SAME_PLACE(n, 1, start, kernels::scale(count, real(0.3), t));
  CHECK_SAME_PLACE(n, 1, start, kernels::clip(count, real(-0.3), real(0.3), t));
  CHECK_SAME_PLACE(n, 1, start, kernels::linear_combination(1, count, &a, x + i, &c, y + i, t));
  CHECK_SAME_PLACE(n, 1, start, kernels::linear_combination(1, count, &a, x + i, &c, t, t));
  CHECK_SAME_PLACE(n, 1, start, kernels::ema(count, real(0.999), x + i, t));
  const int width = 19;  // of an image
  const Array dout(n / width, real(0.3));
  CHECK_SAME_PLACE(n / width, width, start, const int at = i * width;
                   kernels::mean_squared_error_gradient(count, width, dout.data() + i, x + at, y + at, t));
}

TEST_CASE("a product and a sum round as written: the compiler fuses nothing by itself") {
  // a² = 1 + 2^(1−k) + 2^(−2k): its last term is lost by rounding, and kept by a fused multiply–add.
  const int k = (std::numeric_limits<real>::digits + 2) / 2;
  const real a = 1 + std::ldexp(real(1), -k), rounded = 1 + std::ldexp(real(1), 1 - k), minus_one = -1;
  const Array x(n, a), y(n, rounded);
  Array difference(n);
  kernels::linear_combination(1, n, &a, x, &minus_one, y, difference);
  CHECK(differs(difference, Array(n, 0), 0) == "");
}

TEST_CASE("adam: a weight's bits do not depend on its place") {
  const Array grad = normal(n, 'g'), m = normal(n, 'm'), v = magnitudes(normal(n, 'v')), w = normal(n, 'w');
  const AdamStep step{1e-3, 0.9, 0.999, 1e-8, 3, 0.5};
  CHECK_SAME_PLACE(n, 1, w, Array a = m, b = v; kernels::adam(count, step, grad + i, a + i, b + i, t));
  CHECK_SAME_PLACE(n, 1, m, Array a = w, b = v; kernels::adam(count, step, grad + i, t, b + i, a + i));
  CHECK_SAME_PLACE(n, 1, v, Array a = w, b = m; kernels::adam(count, step, grad + i, b + i, t, a + i));
}

TEST_CASE("random numbers and dropout: an element's bits do not depend on how many there are") {
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

TEST_CASE("matrix products: a row's bits do not depend on the rows beside it") {
  for (const std::pair<int, int>& shape : {std::pair{33, 20}, {64, 7}, {1, 40}, {17, 33}}) {
    const int N = shape.first, K = shape.second;
    CAPTURE(text("N ", N, ", K ", K));
    const Array x = normal(n * K, 'x'), w = normal(K * N, 'w'), bias = normal(N, 'b'),
                residual = normal(n * N, 'r');
    const Array dy = normal(n * N, 'd');
    CHECK_SAME_PLACE(n, N, residual,
                     kernels::matmul(count, N, K, x + int64_t(i) * K, w, bias, residual + int64_t(i) * N, t));
    CHECK_SAME_PLACE(n, N, residual,
                     kernels::matmul(count, N, K, x + int64_t(i) * K, w, nullptr, nullptr, t));
    CHECK_SAME_PLACE(n, K, x, kernels::matmul_input_gradient(count, N, K, dy + int64_t(i) * N, w, t));
    CHECK_SAME_PLACE(n, K, x, kernels::matmul_input_gradient(count, N, K, dy + int64_t(i) * N, w, {t, true}));
  }
}

// A channel's bits do not depend on how many there are beside it: in a block of whole vectors, or in the
// last one, which is narrower.
TEST_CASE("products, convolution and group norm: a channel's bits do not depend on the channels beside it") {
  const int K = 9, all = 40, P = 25;
  const Array x = normal(P * K, 'x'), w = normal(9 * K * all, 'w'), image = normal(P * all, 'i'),
              dy = normal(P * all, 'd'), gamma = normal(all, 'g'), beta = normal(all, 'b');
  // The first `few` of every row of `all`.
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
    for (const ConvolutionMethod method : {ConvolutionMethod::direct, ConvolutionMethod::winograd}) {
      const UseMethod used(method);
      Array whole(P * all), some(P * few);
      kernels::conv3x3({1, 5, 5, K, all, 1}, x, w, beta, nullptr, nullptr, whole);
      kernels::conv3x3({1, 5, 5, K, few, 1}, x, some_w, beta, nullptr, nullptr, some);
      CHECK(differs(some, narrow(whole, P, few), 0) == "");
    }
  }
}

// Zeros behind the channels change nothing: with 4 times as many the factor 1/sqrt(C) is half as large,
// which a doubled q makes up for, without any rounding.
TEST_CASE("attention: the bits do not depend on zeros behind the channels") {
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
  kernels::attention(1, P, C, q, k, v, y, row_max, inv_row_sum);
  kernels::attention_gradient(1, P, C, q, k, v, y, row_max, inv_row_sum, dy, {dq, true}, {dk, true},
                              {dv, true});
  Array wide_y(P * wide), wide_dq(P * wide), wide_dk(P * wide), wide_dv(P * wide);
  kernels::attention(1, P, wide, wide_q, wide_k, wide_v, wide_y, row_max, inv_row_sum);
  kernels::attention_gradient(1, P, wide, wide_q, wide_k, wide_v, wide_y, row_max, inv_row_sum, wide_dy,
                              {wide_dq, true}, {wide_dk, true}, {wide_dv, true});
  CHECK(differs(wide_y, widened(y, 1), 0) == "");
  CHECK(differs(wide_dq, widened(dq, real(0.5)), 0) == "");
  CHECK(differs(wide_dk, widened(dk, 1), 0) == "");
  CHECK(differs(wide_dv, widened(dv, 1), 0) == "");
}

TEST_CASE("convolution: an image's bits do not depend on the images beside it, by either method") {
  for (const ConvolutionMethod method : {ConvolutionMethod::direct, ConvolutionMethod::winograd})
    for (const Convolution& s : {Convolution{5, 7, 9, 20, 33, 1}, Convolution{5, 4, 4, 32, 16, 1},
                                 Convolution{5, 8, 6, 33, 20, 2}, Convolution{5, 5, 5, 1, 32, 1}}) {
      const UseMethod used(method);
      CAPTURE(text("H ", s.H, ", C_in ", s.C_in, ", C_out ", s.C_out, ", stride ", s.stride));
      const int64_t in = int64_t(s.H) * s.W * s.C_in, out = int64_t(s.H_out()) * s.W_out() * s.C_out;
      const Array x = normal(s.B * in, 'x'), w = normal(int64_t(9) * s.C_in * s.C_out, 'w'),
                  bias = normal(s.C_out, 'b'), shift = normal(s.B * s.C_out, 's'),
                  residual = normal(s.B * out, 'r');
      const auto images = [&](int count) { return Convolution{count, s.H, s.W, s.C_in, s.C_out, s.stride}; };
      CHECK_SAME_PLACE(s.B, out, residual,
                       kernels::conv3x3(images(count), x + i * in, w, bias, shift + int64_t(i) * s.C_out,
                                        residual + i * out, t));
      CHECK_SAME_PLACE(s.B, in, x, kernels::conv3x3_input_gradient(images(count), residual + i * out, w, t));
      CHECK_SAME_PLACE(s.B, in, x,
                       kernels::conv3x3_input_gradient(images(count), residual + i * out, w, {t, true}));
    }
}

TEST_CASE("group norm, attention and sums: an image's bits do not depend on the images beside it") {
  const int B = 5, P = 30, C = 36, G = 4, size = P * C;
  const Array x = normal(B * size, 'x'), k = normal(B * size, 'k'), v = normal(B * size, 'v'),
              dy = normal(B * size, 'd'), gamma = normal(C, 'g'), beta = normal(C, 'b');
  for (const Activation activation : {Activation::none, Activation::swish}) {
    Array y(B * size), mean(B * G), rstd(B * G);
    CHECK_SAME_PLACE(B, size, y, Array m(B * G), r(B * G); kernels::group_norm(
                         count, P, C, G, real(1e-6), activation, x + i * size, gamma, beta, t, m, r));
    kernels::group_norm(B, P, C, G, real(1e-6), activation, x, gamma, beta, y, mean, rstd);
    for (const bool fresh : {false, true})
      CHECK_SAME_PLACE(B, size, x,
                       kernels::group_norm_gradient(count, P, C, G, activation, x + i * size, gamma, beta,
                                                    mean + i * G, rstd + i * G, dy + i * size, {t, fresh},
                                                    nullptr, nullptr));
  }
  Array y(B * size), row_max(B * P), inv_row_sum(B * P);
  kernels::attention(B, P, C, x, k, v, y, row_max, inv_row_sum);
  CHECK_SAME_PLACE(B, size, y, Array m(B * P), s(B * P);
                   kernels::attention(count, P, C, x + i * size, k + i * size, v + i * size, t, m, s));
  const auto gradient = [&](int i, int count, real* dq, real* dk, real* dv) {
    const int at = i * size;
    kernels::attention_gradient(count, P, C, x + at, k + at, v + at, y + at, row_max + i * P,
                                inv_row_sum + i * P, dy + at, dq, dk, dv);
  };
  CHECK_SAME_PLACE(B, size, x, Array a = x, b = x; gradient(i, count, t, a + i * size, b + i * size));
  CHECK_SAME_PLACE(B, size, x, Array a = x, b = x; gradient(i, count, a + i * size, t, b + i * size));
  CHECK_SAME_PLACE(B, size, x, Array a = x, b = x; gradient(i, count, a + i * size, b + i * size, t));

  CHECK_SAME_PLACE(B, C, x, kernels::sum_pixels(count, P, C, x + i * size, t));
  std::vector<double> errors(B), alone(1);
  kernels::mean_squared_error(B, size, x, k, errors.data());
  for (int b = 0; b < B; ++b) {
    kernels::mean_squared_error(1, size, x + b * size, k + b * size, alone.data());
    CHECK(alone[0] == errors[b]);
  }
}

// What one binary computes, to be held against another's: hashes of the weights after one
// training step and of two samples, and some of ε. tests/same_bits.sh asks for it.
TEST_CASE("fingerprint" * doctest::skip()) {
  UnetConfig config;  // the preset tiny, narrower: both kinds of convolution, attention, every norm
  config.channels = 16;
  Unet network(config), averaged(config);
  network.parameters().initialize(1);
  averaged.parameters().copy_from(network.parameters());
  const Schedule schedule = make_schedule({.T = 20});
  Adam adam(network.parameters(), {});
  const Bars data(8, config.image_size);
  one_step({}, schedule, batches(data, {.size = 4}, 0), 1, network, adam, averaged.parameters());
  const auto hash = [](const std::vector<real>& x) {
    const char* bytes = reinterpret_cast<const char*>(x.data());
    return uint64_t{std::hash<std::string_view>()({bytes, x.size() * sizeof(real)})};
  };
  std::printf("training step %016" PRIx64, hash(weights(network.parameters())));

  network.parameters().initialize(1);
  perturb(network.parameters());
  const Shape image{config.image_size, config.image_size, 1};
  std::printf(", sample %016" PRIx64 ", eps",
              hash(sample(noise_predictor(network), image, schedule, {}, 1, 0, 2).values()));
  Tensor x({1, config.image_size, config.image_size, 1});
  kernels::fill_normal(x.size(), Stream{1, purpose_test, 0, 0}, x.data());
  Tape off(Tape::off);
  for (const real eps : predict(noise_predictor(network), x, 10).values()) std::printf(" %.9g", double(eps));
  std::printf("\n");
}

TEST_SUITE_END();

}  // namespace ddpm::test
