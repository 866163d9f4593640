// Checks the kernels that compute or move single elements, and their gradients, against the definitions
// (kernels/naive/pointwise.cpp) at odd sizes.
#include <doctest/doctest.h>

#include "tests/support/arrays.h"

namespace ddpm::test {

TEST_CASE("pointwise: fill, add, scale and clip equal their definitions exactly") {
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

TEST_CASE("linear_combination: each image has its own coefficients, and the output may overwrite an input") {
  for (int B : {1, 3, 5})
    for (int64_t n : {1, 17, 784, 3137}) {
      const Array a = normal(B, 'a'), c = normal(B, 'c'), x = normal(B * n, 'x'), y = normal(B * n, 'y');
      Array out(B * n), want(B * n), over_x = x, over_y = y;
      kernels::linear_combination(B, n, a, x, c, y, out);
      kernels::linear_combination(B, n, a, over_x, c, y, over_x);
      kernels::linear_combination(B, n, a, x, c, over_y, over_y);
      naive::linear_combination(B, n, a, x, c, y, want);
      // The two products are about 1 to 10, may cancel, and are rounded once each.
      for (const Array& got : {out, over_x, over_y}) CHECK(differs(got, want, 16 * unit) == "");
    }
}

TEST_CASE("swish: the output and the gradient equal the definitions', up to |x| = 10000") {
  for (int64_t n : {1, 3, 17, 100, 4099}) {
    Array x = normal(n, 'x'), y(n), want(n);
    naive::scale(n, 5, x);
    kernels::swish(n, x, y);
    naive::swish(n, x, want);
    CHECK(differs(y, want, 4 * unit, 8 * unit) == "");
    const Array dy = normal(n, 'd');
    Array dx = normal(n, 'X'), want_dx = dx;
    kernels::swish_gradient(n, x, dy, dx);
    naive::swish_gradient(n, x, dy, want_dx);
    CHECK(differs(dx, want_dx, 32 * unit, 8 * unit) == "");
  }
  Array x(6), y(6), dx(6, 0);
  const double ends[6] = {-1e4, -100, -0.0, 0, 100, 1e4};
  for (int i = 0; i < 6; ++i) x[i] = real(ends[i]);
  kernels::swish(6, x, y);
  const double values[6] = {0, 0, 0, 0, 100, 1e4}, slopes[6] = {0, 0, 0.5, 0.5, 1, 1};
  CHECK(mismatch(y.data(), values, 6, 1e-30, 2 * unit) == "");
  kernels::swish_gradient(6, x, Array(6, 1), dx);
  CHECK(mismatch(dx.data(), slopes, 6, 1e-30, 4 * unit) == "");
}

TEST_CASE("dropout: drops the same elements as the definition, a share p of them") {
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

TEST_CASE("upsample: the output and the gradient equal the definitions'") {
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

TEST_CASE("concat: the output and either or both gradients equal the definitions'") {
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

TEST_CASE("time_embedding: equals the definition for every t") {
  const int B = 1000;
  Array t(B);
  for (int b = 0; b < B; ++b) t[b] = real(b);
  for (int C : {4, 6, 32, 128}) {
    Array y(int64_t(B) * C), want(int64_t(B) * C);
    for (const bool cosine_first : {true, false})
      for (const int frequency_shift : {0, 1}) {
        CAPTURE(text("C ", C, ", cosine_first ", cosine_first, ", frequency_shift ", frequency_shift));
        kernels::time_embedding(B, C, cosine_first, frequency_shift, t, y);
        naive::time_embedding(B, C, cosine_first, frequency_shift, t, want);
        // The frequencies have errors of a few units of double, 1e-12 after multiplication by t = 999.
        CHECK(differs(y, want, 2 * unit + 1e-12) == "");
      }
    // The last of them is the official code's.
    // The first frequency is 1, the last is 1/10000.
    CHECK(near(y[999 * C], std::sin(999.0), 2 * unit));
    CHECK(near(y[999 * C + C / 2], std::cos(999.0), 2 * unit));
    CHECK(near(y[999 * C + C / 2 - 1], std::sin(0.0999), 2 * unit));
  }
}

TEST_CASE(
    "time_embedding: cosines come first and the last frequency is above 1/10000 where they are asked for") {
  const real t = 999;
  Array y(8);
  kernels::time_embedding(1, 8, true, 0, &t, y);
  for (int i = 0; i < 4; ++i) {  // f_i = 10^(-i)
    CHECK(near(y[i], std::cos(999 * std::pow(10.0, -i)), 2 * unit + 1e-12));
    CHECK(near(y[4 + i], std::sin(999 * std::pow(10.0, -i)), 2 * unit + 1e-12));
  }
}

}  // namespace ddpm::test
