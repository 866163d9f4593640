// Checks the matrix product and both of its gradients against the definitions (kernels/naive/matmul.cpp)
// at odd sizes.
#include <doctest/doctest.h>

#include "tests/support/arrays.h"

namespace ddpm::test {

namespace {

// M, N, K
const int sizes[][3] = {{1, 1, 1},   {3, 5, 7},      {17, 31, 33},  {1, 64, 32},    {5, 1, 96},
                        {2, 3, 784}, {49, 48, 40},   {196, 96, 64}, {197, 33, 129}, {64, 128, 32},
                        {7, 16, 1},  {1001, 13, 17}, {13, 1000, 8}, {33, 40, 48},   {392, 32, 64}};

}  // namespace

TEST_CASE("matmul: the output equals the definition's, with any choice of bias and residual") {
  for (const int(&shape)[3] : sizes) {
    const int M = shape[0], N = shape[1], K = shape[2];
    CAPTURE(text("M ", M, ", N ", N, ", K ", K));
    const Array x = normal(M * K, 'x'), w = normal(K * N, 'w'), bias = normal(N, 'b'),
                residual = normal(M * N, 'r');
    Array size(M * N);
    naive::matmul(M, N, K, magnitudes(x), magnitudes(w), magnitudes(bias), magnitudes(residual), size);
    for (int choice = 0; choice < 4; ++choice) {
      CAPTURE(choice);
      const real *b = choice & 1 ? bias.data() : nullptr, *r = choice & 2 ? residual.data() : nullptr;
      Array y(M * N), want(M * N);
      kernels::matmul(M, N, K, x, w, b, r, y);
      naive::matmul(M, N, K, x, w, b, r, want);
      CHECK(sum_differs(y, want, size, K) == "");
    }
  }
}

TEST_CASE("matmul: both gradients equal the definitions'") {
  for (const int(&shape)[3] : sizes) {
    const int M = shape[0], N = shape[1], K = shape[2];
    CAPTURE(text("M ", M, ", N ", N, ", K ", K));
    const Array x = normal(M * K, 'x'), w = normal(K * N, 'w'), dy = normal(M * N, 'd');
    Array dx = normal(M * K, 'X'), want_dx = dx, size_dx = magnitudes(dx);
    kernels::matmul_input_gradient(M, N, K, dy, w, dx);
    naive::matmul_input_gradient(M, N, K, dy, w, want_dx);
    naive::matmul_input_gradient(M, N, K, magnitudes(dy), magnitudes(w), size_dx);
    CHECK(sum_differs(dx, want_dx, size_dx, N) == "");

    Array dw = normal(K * N, 'W'), want_dw = dw, size_dw = magnitudes(dw);
    kernels::matmul_weight_gradient(M, N, K, x, dy, dw);
    naive::matmul_weight_gradient(M, N, K, x, dy, want_dw);
    naive::matmul_weight_gradient(M, N, K, magnitudes(x), magnitudes(dy), size_dw);
    CHECK(sum_differs(dw, want_dw, size_dw, M) == "");
  }
}

}  // namespace ddpm::test
