// Winograd's method against the definition of the 3×3 convolution, forward and
// both gradients, with a stated bound on its rounding.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/arrays.h"

namespace ddpm::test {

namespace {

// B, H, W, C_in, C_out: whole tiles and cut ones, whole vectors and cut ones.
const Convolution shapes[] = {
    {1, 1, 1, 1, 1, 1},      {2, 3, 5, 3, 5, 1},     {1, 4, 4, 16, 16, 1},
    {3, 5, 4, 17, 33, 1},    {2, 6, 7, 8, 40, 1},    {2, 7, 7, 64, 64, 1},
    {1, 8, 8, 31, 32, 1},    {5, 9, 10, 5, 20, 1},   {2, 14, 14, 64, 64, 1},
    {1, 13, 29, 33, 1, 1},   {1, 28, 28, 32, 32, 1}, {17, 2, 3, 20, 24, 1},
    {1, 16, 15, 96, 48, 1},  {1, 1, 50, 16, 32, 1},  {1, 50, 1, 32, 16, 1},
    {66, 2, 2, 257, 256, 1},  // weights that a cache cannot hold, and more than one block of tiles
};

int64_t x_size(Convolution s) { return int64_t(s.B) * s.H * s.W * s.C_in; }
int64_t y_size(Convolution s) { return int64_t(s.B) * s.H * s.W * s.C_out; }
int64_t w_size(Convolution s) { return int64_t(9) * s.C_in * s.C_out; }

// An output mixes the rounding of its whole tile, so the bound takes the
// largest Σ|x·w| of all outputs instead of its own. The transforms add and
// subtract multiples of up to 8, and amplify a unit of rounding: measured over
// these shapes the error is at most 55 units of that size with one channel, and
// 30 with many; the bound allows 100. In double that is near 1e-14.
std::string rounding_differs(const Array& got, const Array& want, const Array& size) {
  double largest = 0;
  for (int64_t i = 0; i < size.size(); ++i) largest = std::max(largest, double(size[i]));
  return differs(got, want, 100 * unit * largest);
}

}  // namespace

TEST_CASE("Winograd's convolution equals the definition, forward") {
  const UseMethod winograd(ConvolutionMethod::winograd);
  for (const Convolution& s : shapes) {
    CAPTURE(text(s.B, " ", s.H, " ", s.W, " ", s.C_in, " ", s.C_out));
    const Array x = normal(x_size(s), 'x'), w = normal(w_size(s), 'w'), bias = normal(s.C_out, 'b'),
                shift = normal(s.B * s.C_out, 's'), residual = normal(y_size(s), 'r');
    Array got(y_size(s)), want(y_size(s)), size(y_size(s));
    kernels::conv3x3(s, x, w, bias, shift, residual, got);
    naive::conv3x3(s, x, w, bias, shift, residual, want);
    naive::conv3x3(s, magnitudes(x), magnitudes(w), magnitudes(bias), magnitudes(shift), magnitudes(residual),
                   size);
    CHECK(rounding_differs(got, want, size) == "");
    kernels::conv3x3(s, x, w, nullptr, nullptr, nullptr, got);
    naive::conv3x3(s, x, w, nullptr, nullptr, nullptr, want);
    CHECK(rounding_differs(got, want, size) == "");
  }
}

TEST_CASE("Winograd's gradients equal the definitions, and are added") {
  const UseMethod winograd(ConvolutionMethod::winograd);
  for (const Convolution& s : shapes) {
    CAPTURE(text(s.B, " ", s.H, " ", s.W, " ", s.C_in, " ", s.C_out));
    const Array x = normal(x_size(s), 'x'), w = normal(w_size(s), 'w'), dy = normal(y_size(s), 'd');
    Array dx = normal(x_size(s), 'X'), want_dx = dx, size_dx = magnitudes(dx);
    kernels::conv3x3_input_gradient(s, dy, w, dx);
    naive::conv3x3_input_gradient(s, dy, w, want_dx);
    naive::conv3x3_input_gradient(s, magnitudes(dy), magnitudes(w), size_dx);
    CHECK(rounding_differs(dx, want_dx, size_dx) == "");

    Array dw = normal(w_size(s), 'W'), want_dw = dw, size_dw = magnitudes(dw);
    kernels::conv3x3_weight_gradient(s, x, dy, dw);
    naive::conv3x3_weight_gradient(s, x, dy, want_dw);
    naive::conv3x3_weight_gradient(s, magnitudes(x), magnitudes(dy), size_dw);
    CHECK(rounding_differs(dw, want_dw, size_dw) == "");
  }
}

TEST_CASE("Winograd's method, where it is asked for, serves stride 1 alone") {
  const UseMethod automatic(ConvolutionMethod::automatic);
  for (const int stride : {1, 2}) {
    // Too few channels for the automatic choice.
    const Convolution s{2, 6, 8, 5, 7, stride};
    const Array x = normal(x_size(s), 'x'), w = normal(w_size(s), 'w');
    Array direct(y_size(s) / stride / stride), winograd = direct;
    kernels::conv3x3(s, x, w, nullptr, nullptr, nullptr, direct);
    const UseMethod used(ConvolutionMethod::winograd);
    kernels::conv3x3(s, x, w, nullptr, nullptr, nullptr, winograd);
    CHECK((differs(winograd, direct, 0) == "") == (stride == 2));
  }
}

TEST_CASE("Winograd's method gives the same bits on any number of threads, and image by image" *
          doctest::test_suite("same bits")) {
  const UseMethod winograd(ConvolutionMethod::winograd);
  const Convolution s{5, 9, 7, 33, 40, 1}, one{1, 9, 7, 33, 40, 1};
  const Array x = normal(x_size(s), 'x'), w = normal(w_size(s), 'w'), dy = normal(y_size(s), 'd');
  const int before = kernels::threads();
  Array y1(y_size(s)), dw1 = normal(w_size(s), 'W');
  kernels::set_threads(1);
  kernels::conv3x3(s, x, w, nullptr, nullptr, nullptr, y1);
  kernels::conv3x3_weight_gradient(s, x, dy, dw1);
  for (int threads : {2, 3, 7}) {
    CAPTURE(threads);
    Array y(y_size(s)), dw = normal(w_size(s), 'W');
    kernels::set_threads(threads);
    kernels::conv3x3(s, x, w, nullptr, nullptr, nullptr, y);
    kernels::conv3x3_weight_gradient(s, x, dy, dw);
    CHECK(differs(y, y1, 0) == "");
    CHECK(differs(dw, dw1, 0) == "");
  }
  kernels::set_threads(before);
  Array alone(y_size(one));
  for (int b = 0; b < s.B; ++b) {
    kernels::conv3x3(one, x.data() + b * x_size(one), w, nullptr, nullptr, nullptr, alone);
    CHECK(mismatch(alone.data(), y1.data() + b * y_size(one), size_t(y_size(one)), 0) == "");
  }
}

}  // namespace ddpm::test
