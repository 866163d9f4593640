// The kernels that are sums of products, the 3×3 convolution and the matrix
// product with their derivatives, against their definitions at odd sizes.
#include <doctest/doctest.h>

#include "tests/support/arrays.h"

namespace ddpm::test {

namespace {

// Which of the optional pointers are given.
struct Given {
  bool bias, shift, residual;
};
const Given everything{true, true, true}, nothing{false, false, false};

const real* if_given(bool given, const Array& x) { return given ? x.data() : nullptr; }

std::string name(Convolution s) {
  return text("B ", s.B, ", H ", s.H, ", W ", s.W, ", C_in ", s.C_in, ", C_out ", s.C_out, ", stride ",
              s.stride);
}

int64_t x_size(Convolution s) { return int64_t(s.B) * s.H * s.W * s.C_in; }
int64_t y_size(Convolution s) { return int64_t(s.B) * s.H_out() * s.W_out() * s.C_out; }
int64_t w_size(Convolution s) { return int64_t(9) * s.C_in * s.C_out; }

void check_forward(Convolution s, Given given) {
  CAPTURE(name(s));
  const Array x = normal(x_size(s), 'x'), w = normal(w_size(s), 'w'), bias = normal(s.C_out, 'b'),
              shift = normal(s.B * s.C_out, 's'), residual = normal(y_size(s), 'r');
  Array got(y_size(s)), want(y_size(s)), size(y_size(s));
  const UseMethod direct(ConvolutionMethod::direct);
  kernels::conv3x3(s, x, w, if_given(given.bias, bias), if_given(given.shift, shift),
                   if_given(given.residual, residual), got);
  naive::conv3x3(s, x, w, if_given(given.bias, bias), if_given(given.shift, shift),
                 if_given(given.residual, residual), want);
  naive::conv3x3(s, magnitudes(x), magnitudes(w), magnitudes(bias), magnitudes(shift), magnitudes(residual),
                 size);
  CHECK(sum_differs(got, want, size, 9.0 * s.C_in) == "");
}

void check_gradients(Convolution s) {
  CAPTURE(name(s));
  const Array x = normal(x_size(s), 'x'), w = normal(w_size(s), 'w'), dy = normal(y_size(s), 'd');
  const Array before_x = normal(x_size(s), 'X'), before_w = normal(w_size(s), 'W');

  const UseMethod direct(ConvolutionMethod::direct);
  Array dx = before_x, want_dx = before_x, size_dx = magnitudes(before_x);
  kernels::conv3x3_input_gradient(s, dy, w, dx);
  naive::conv3x3_input_gradient(s, dy, w, want_dx);
  naive::conv3x3_input_gradient(s, magnitudes(dy), magnitudes(w), size_dx);
  CHECK(sum_differs(dx, want_dx, size_dx, 9.0 * s.C_out) == "");

  Array dw = before_w, want_dw = before_w, size_dw = magnitudes(before_w);
  kernels::conv3x3_weight_gradient(s, x, dy, dw);
  naive::conv3x3_weight_gradient(s, x, dy, want_dw);
  naive::conv3x3_weight_gradient(s, magnitudes(x), magnitudes(dy), size_dw);
  CHECK(sum_differs(dw, want_dw, size_dw, double(s.B) * s.H_out() * s.W_out()) == "");
}

// B, H, W, C_in, C_out, stride.
const Convolution stride_1[] = {
    {1, 1, 1, 1, 1, 1},     {2, 3, 1, 1, 3, 1},     {1, 1, 2, 3, 5, 1},    {3, 2, 3, 5, 8, 1},
    {5, 5, 7, 8, 16, 1},    {2, 7, 8, 16, 17, 1},   {2, 8, 13, 17, 31, 1}, {1, 13, 14, 31, 32, 1},
    {2, 14, 15, 32, 33, 1}, {1, 15, 16, 33, 40, 1}, {2, 16, 5, 40, 48, 1}, {1, 28, 29, 48, 1, 1},
    {1, 29, 28, 1, 64, 1},  {2, 28, 28, 32, 32, 1}, {1, 32, 28, 3, 96, 1}, {3, 7, 7, 64, 64, 1},
    {1, 14, 14, 64, 96, 1}, {4, 7, 5, 96, 3, 1},    {1, 4, 4, 256, 64, 1}, {17, 3, 5, 8, 33, 1},
    {1, 2, 64, 16, 32, 1},  {1, 64, 2, 32, 16, 1},
};
const Convolution stride_2[] = {
    {1, 2, 2, 1, 1, 2},     {2, 2, 4, 3, 5, 2},     {3, 6, 4, 8, 16, 2},    {2, 8, 10, 17, 31, 2},
    {1, 10, 12, 32, 33, 2}, {2, 14, 14, 32, 32, 2}, {1, 12, 14, 40, 48, 2}, {5, 14, 8, 64, 64, 2},
    {1, 4, 2, 96, 3, 2},    {1, 28, 28, 32, 32, 2}, {9, 2, 6, 16, 1, 2},
};

}  // namespace

TEST_CASE("conv3x3 equals its definition") {
  for (Convolution s : stride_1) check_forward(s, everything);
  for (Convolution s : stride_2) check_forward(s, everything);
}

TEST_CASE("conv3x3 takes any choice of bias, shift and residual") {
  for (int choice = 0; choice < 8; ++choice) {
    const Given given{(choice & 1) != 0, (choice & 2) != 0, (choice & 4) != 0};
    CAPTURE(choice);
    check_forward({2, 6, 10, 5, 33, 1}, given);
    check_forward({2, 6, 10, 5, 33, 2}, given);
  }
  check_forward({2, 7, 7, 32, 32, 1}, nothing);
}

TEST_CASE("the derivatives of conv3x3 equal their definitions") {
  for (Convolution s : stride_1) check_gradients(s);
  for (Convolution s : stride_2) check_gradients(s);
}

TEST_CASE("conv3x3 pads with zeros on the side that the contract names") {
  // A kernel that is 1 at its corner (0, 0) and 0 elsewhere moves the image.
  Array w(9, 0), y(16);
  w[0] = 1;
  Array x(16);
  for (int i = 0; i < 16; ++i) x[i] = real(i + 1);
  kernels::conv3x3({1, 4, 4, 1, 1, 1}, x, w, nullptr, nullptr, nullptr, y);
  const double moved[16] = {0, 0, 0, 0, 0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11};
  CHECK(mismatch(y.data(), moved, 16, 0) == "");
  // Stride 2 has no padding before the image: every second pixel.
  kernels::conv3x3({1, 4, 4, 1, 1, 2}, x, w, nullptr, nullptr, nullptr, y);
  const double halved[4] = {1, 3, 9, 11};
  CHECK(mismatch(y.data(), halved, 4, 0) == "");
}

TEST_CASE("matmul and its derivatives equal their definitions") {
  const int sizes[][3] = {{1, 1, 1},   {3, 5, 7},      {17, 31, 33},  {1, 64, 32},    {5, 1, 96},
                          {2, 3, 784}, {49, 48, 40},   {196, 96, 64}, {197, 33, 129}, {64, 128, 32},
                          {7, 16, 1},  {1001, 13, 17}, {13, 1000, 8}, {33, 40, 48},   {392, 32, 64}};
  for (const int(&shape)[3] : sizes) {
    const int M = shape[0], N = shape[1], K = shape[2];
    CAPTURE(text("M ", M, ", N ", N, ", K ", K));
    const Array x = normal(M * K, 'x'), w = normal(K * N, 'w'), bias = normal(N, 'b'),
                residual = normal(M * N, 'r'), dy = normal(M * N, 'd');
    for (int choice = 0; choice < 4; ++choice) {
      CAPTURE(choice);
      const real* b = if_given(choice & 1, bias);
      const real* r = if_given(choice & 2, residual);
      Array y(M * N), want(M * N), size(M * N);
      kernels::matmul(M, N, K, x, w, b, r, y);
      naive::matmul(M, N, K, x, w, b, r, want);
      naive::matmul(M, N, K, magnitudes(x), magnitudes(w), magnitudes(bias), magnitudes(residual), size);
      CHECK(sum_differs(y, want, size, K) == "");
    }
    Array dx = normal(M * K, 'X'), want_dx = dx, size_dx = magnitudes(dx);
    kernels::matmul_input_gradient(M, N, K, dy, w, dx);
    naive::matmul_input_gradient(M, N, K, dy, w, want_dx);
    naive::matmul_input_gradient(M, N, K, magnitudes(dy), magnitudes(w), size_dx);
    CHECK(sum_differs(dx, want_dx, size_dx, N) == "");
    Array fresh(M * K), zero(M * K, 0);
    naive::matmul_input_gradient(M, N, K, dy, w, {fresh.data(), true});
    naive::matmul_input_gradient(M, N, K, dy, w, zero);
    CHECK(differs(fresh, zero, 0) == "");

    Array dw = normal(K * N, 'W'), want_dw = dw, size_dw = magnitudes(dw);
    kernels::matmul_weight_gradient(M, N, K, x, dy, dw);
    naive::matmul_weight_gradient(M, N, K, x, dy, want_dw);
    naive::matmul_weight_gradient(M, N, K, magnitudes(x), magnitudes(dy), size_dw);
    CHECK(sum_differs(dw, want_dw, size_dw, M) == "");
  }
}

}  // namespace ddpm::test
