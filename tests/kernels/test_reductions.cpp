// Checks the kernels that sum, and their gradients, against the definitions (kernels/naive/reductions.cpp)
// at odd sizes, and the accuracy of long sums.
#include <doctest/doctest.h>

#include "tests/support/arrays.h"

namespace ddpm::test {

TEST_CASE("sum_pixels: equals the definition") {
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

TEST_CASE("mean: the gradient equals the definition's") {
  for (int64_t n : lengths) {
    const real dout = real(-1.3);
    Array dx = normal(n, 'X'), want_dx = dx;
    kernels::mean_gradient(n, &dout, dx);
    naive::mean_gradient(n, &dout, want_dx);
    CHECK(differs(dx, want_dx, 8 * unit, 2 * unit) == "");
  }
}

TEST_CASE("mean_squared_error: the output, the gradient and sum_squares equal the definitions'") {
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

TEST_CASE("softmax_cross_entropy: the output and the gradient equal the definitions'") {
  for (const int N : {1, 2, 10, 37}) {
    const int B = 5;
    Array x = normal(B * N, 'x');
    for (int64_t i = 0; i < x.size(); ++i) x[i] *= 8;  // from almost certain to almost uniform
    x[0] = 300;                                        // exp(300) is beyond float
    for (int n = 0; n < N; ++n) x[4 * N + n] -= 800;   // exp(-800) is 0 in double
    const int label[B] = {N - 1, 0, N / 2, 0, N - 1};
    std::vector<double> out(B, std::nan("")), want(B);
    kernels::softmax_cross_entropy(B, N, x, label, out.data());
    naive::softmax_cross_entropy(B, N, x, label, want.data());
    // The outputs are differences of numbers of up to 800, in double.
    CHECK(mismatch(out.data(), want.data(), B, 1e-12) == "");
    Array dx = normal(B * N, 'X'), want_dx = dx;
    const real dout = 3.5;
    kernels::softmax_cross_entropy_gradient(B, N, &dout, x, label, dx);
    naive::softmax_cross_entropy_gradient(B, N, &dout, x, label, want_dx);
    CHECK(differs(dx, want_dx, 32 * unit + 1e-12) == "");
  }
}

TEST_CASE("sums: of three million terms are accurate") {
  // A sum in float would have an error of one percent. The tolerance allows the rounding of the terms, in
  // real, and of a plain sum in double.
  const int64_t n = 3000001;
  const Array x(n, real(0.1)), zero(n, 0);
  const double square = double(real(0.1)) * real(0.1);
  double out = std::nan("");
  CHECK(near(kernels::sum_squares(n, x), double(n) * square, 0, 1e-10 + 2 * unit));
  kernels::mean_squared_error(1, n, x, zero, &out);
  CHECK(near(out, square, 0, 1e-10 + 2 * unit));
}

}  // namespace ddpm::test
