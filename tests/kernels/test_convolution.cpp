// Checks the 3x3 convolution and both of its gradients, by the direct method and by Winograd's, against
// the definitions (kernels/naive/convolution.cpp) at odd sizes, with a bound on the rounding error.
#include <doctest/doctest.h>

#include "tests/support/arrays.h"
#include "tests/support/convolutions.h"
#include "tests/support/methods.h"

namespace ddpm::test {

namespace {

// Which of the optional arrays are given.
struct Given {
  bool bias = true, shift = true, residual = true;
};

const real* if_given(bool given, const Array& x) { return given ? x.data() : nullptr; }

// Compares outputs by the method in use. size holds, for each output, the sum |x w| of its `terms`
// products. With Winograd's method, the rounding of a whole tile enters each of its outputs, so that the
// bound takes the largest size of all outputs. The transforms multiply by up to 8 and amplify the rounding:
// the largest error measured over these shapes is 55 units with one channel, and 30 with many. The bound
// allows 100 units.
std::string convolution_differs(const Array& got, const Array& want, const Array& size, double terms) {
  if (kernels::convolution_method() == ConvolutionMethod::direct) return sum_differs(got, want, size, terms);
  return differs(got, want, 100 * unit * *std::max_element(size.data(), size.data() + size.size()));
}

void check_forward(Convolution s, Given given = {}) {
  CAPTURE(name(s));
  const Array x = normal(x_size(s), 'x'), w = normal(w_size(s), 'w'), bias = normal(s.C_out, 'b'),
              shift = normal(s.B * s.C_out, 's'), residual = normal(y_size(s), 'r');
  Array got(y_size(s)), want(y_size(s)), size(y_size(s));
  kernels::conv3x3(s, x, w, if_given(given.bias, bias), if_given(given.shift, shift),
                   if_given(given.residual, residual), got);
  naive::conv3x3(s, x, w, if_given(given.bias, bias), if_given(given.shift, shift),
                 if_given(given.residual, residual), want);
  naive::conv3x3(s, magnitudes(x), magnitudes(w), magnitudes(bias), magnitudes(shift), magnitudes(residual),
                 size);
  CHECK(convolution_differs(got, want, size, 9.0 * s.C_in) == "");
}

// The gradients are accumulated into arrays that are not zero.
void check_gradients(Convolution s) {
  CAPTURE(name(s));
  const Array x = normal(x_size(s), 'x'), w = normal(w_size(s), 'w'), dy = normal(y_size(s), 'd');
  Array dx = normal(x_size(s), 'X'), want_dx = dx, size_dx = magnitudes(dx);
  kernels::conv3x3_input_gradient(s, dy, w, dx);
  naive::conv3x3_input_gradient(s, dy, w, want_dx);
  naive::conv3x3_input_gradient(s, magnitudes(dy), magnitudes(w), size_dx);
  CHECK(convolution_differs(dx, want_dx, size_dx, 9.0 * s.C_out) == "");

  Array dw = normal(w_size(s), 'W'), want_dw = dw, size_dw = magnitudes(dw);
  kernels::conv3x3_weight_gradient(s, x, dy, dw);
  naive::conv3x3_weight_gradient(s, x, dy, want_dw);
  naive::conv3x3_weight_gradient(s, magnitudes(x), magnitudes(dy), size_dw);
  CHECK(convolution_differs(dw, want_dw, size_dw, double(s.B) * s.H_out() * s.W_out()) == "");
}

// Checks the output, with all of the optional arrays and with none, and both gradients.
void check_all(Convolution s) {
  check_forward(s);
  check_forward(s, {false, false, false});
  check_gradients(s);
}

// B, H, W, C_in, C_out, stride: channels below, at and above multiples of the vector width.
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
Convolution symmetric(Convolution s) { return s.padding = Padding::symmetric, s; }
// For Winograd's method: heights and widths at and between multiples of its tile of 4x4 pixels.
const Convolution tiles[] = {
    {1, 1, 1, 1, 1, 1},     {2, 3, 5, 3, 5, 1},    {1, 4, 4, 16, 16, 1},   {3, 5, 4, 17, 33, 1},
    {2, 6, 7, 8, 40, 1},    {2, 7, 7, 64, 64, 1},  {1, 8, 8, 31, 32, 1},   {5, 9, 10, 5, 20, 1},
    {2, 14, 14, 64, 64, 1}, {1, 13, 29, 33, 1, 1}, {1, 28, 28, 32, 32, 1}, {17, 2, 3, 20, 24, 1},
    {1, 16, 15, 96, 48, 1}, {1, 1, 50, 16, 32, 1}, {1, 50, 1, 32, 16, 1},
};

}  // namespace

TEST_CASE("conv3x3: the output equals the definition's, with any choice of bias, shift and residual") {
  const UseMethod direct(ConvolutionMethod::direct);
  for (const Convolution& s : stride_1) check_forward(s);
  for (const Convolution& s : stride_2) check_forward(s), check_forward(symmetric(s));
  for (int choice = 0; choice < 8; ++choice) {
    const Given given{(choice & 1) != 0, (choice & 2) != 0, (choice & 4) != 0};
    CAPTURE(choice);
    check_forward({2, 6, 10, 5, 33, 1}, given);
    check_forward({2, 6, 10, 5, 33, 2}, given);
    check_forward({2, 6, 10, 5, 33, 2, Padding::symmetric}, given);
  }
  check_forward({2, 7, 7, 32, 32, 1}, {false, false, false});
}

TEST_CASE("conv3x3: both gradients equal the definitions'") {
  const UseMethod direct(ConvolutionMethod::direct);
  for (const Convolution& s : stride_1) check_gradients(s);
  for (const Convolution& s : stride_2) check_gradients(s), check_gradients(symmetric(s));
}

TEST_CASE("conv3x3: pads with zeros on the side that the contract names") {
  // A kernel that is 1 at its corner (0, 0) and 0 elsewhere moves the image.
  Array w(9, 0), x(16), y(16);
  w[0] = 1;
  for (int i = 0; i < 16; ++i) x[i] = real(i + 1);
  kernels::conv3x3({1, 4, 4, 1, 1, 1}, x, w, nullptr, nullptr, nullptr, y);
  const double moved[16] = {0, 0, 0, 0, 0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11};
  CHECK(mismatch(y.data(), moved, 16, 0) == "");
  // With stride 2, there is no padding before the first row and column: the output is every second pixel.
  kernels::conv3x3({1, 4, 4, 1, 1, 2}, x, w, nullptr, nullptr, nullptr, y);
  const double halved[4] = {1, 3, 9, 11};
  CHECK(mismatch(y.data(), halved, 4, 0) == "");
  // With symmetric padding, there is one before them: the corner (0, 0) of the kernel sees a zero first.
  kernels::conv3x3({1, 4, 4, 1, 1, 2, Padding::symmetric}, x, w, nullptr, nullptr, nullptr, y);
  const double before[4] = {0, 0, 0, 6};
  CHECK(mismatch(y.data(), before, 4, 0) == "");
}

TEST_CASE("winograd: the output and both gradients equal the definitions'") {
  const UseMethod winograd(ConvolutionMethod::winograd);
  for (const Convolution& s : tiles) check_all(s);
}

TEST_CASE("winograd: the same of weights larger than a cache, in more than one block of tiles") {
  const UseMethod winograd(ConvolutionMethod::winograd);
  check_all({66, 2, 2, 257, 256, 1});
}

TEST_CASE("winograd: where the method is asked for, it serves stride 1 alone") {
  for (const int stride : {1, 2}) {
    const Convolution s{2, 6, 8, 5, 7, stride};  // has too few channels for the automatic choice
    const Array x = normal(x_size(s), 'x'), w = normal(w_size(s), 'w');
    Array direct(y_size(s)), winograd = direct;
    const UseMethod automatic(ConvolutionMethod::automatic);
    kernels::conv3x3(s, x, w, nullptr, nullptr, nullptr, direct);
    const UseMethod used(ConvolutionMethod::winograd);
    kernels::conv3x3(s, x, w, nullptr, nullptr, nullptr, winograd);
    CHECK((differs(winograd, direct, 0) == "") == (stride == 2));
  }
}

}  // namespace ddpm::test
