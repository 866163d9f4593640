// Checks attention and its gradients against the definitions (kernels/naive/attention.cpp) at odd sizes, and
// its limits: scores that overflow exp, and NaN.
#include <doctest/doctest.h>

#include "tests/support/arrays.h"

namespace ddpm::test {

TEST_CASE("attention: the output and the gradients equal the definitions'") {
  const int sizes[][3] = {{1, 1, 1},   {2, 2, 3},   {3, 7, 5},    {1, 15, 8},  {2, 49, 16}, {1, 31, 17},
                          {2, 33, 33}, {1, 49, 40}, {1, 196, 64}, {2, 16, 96}, {5, 13, 31}, {1, 65, 48}};
  for (const int(&shape)[3] : sizes) {
    const int B = shape[0], P = shape[1], C = shape[2];
    CAPTURE(text("B ", B, ", P ", P, ", C ", C));
    const int64_t n = int64_t(B) * P * C;
    const Array q = normal(n, 'q'), k = normal(n, 'k'), v = normal(n, 'v'), dy = normal(n, 'd');
    // The outputs are averages of numbers of about 1. A score has an error of a few units times sqrt(C),
    // which exp turns into a relative error of the weights.
    const double tolerance = unit * (32 + 8 * std::sqrt(double(C)));
    Array y(n), row_max(B * P), inv_row_sum(B * P), want(n), want_row_max(B * P), want_inv_row_sum(B * P);
    kernels::attention(B, P, C, q, k, v, y, row_max, inv_row_sum);
    naive::attention(B, P, C, q, k, v, want, want_row_max, want_inv_row_sum);
    CHECK(differs(y, want, tolerance) == "");
    CHECK(differs(row_max, want_row_max, 2 * std::sqrt(double(C)) * tolerance) == "");
    CHECK(differs(inv_row_sum, want_inv_row_sum, tolerance) == "");

    const Array start = normal(n, 's');
    Array dq = start, dk = start, dv = start, want_dq = start, want_dk = start, want_dv = start;
    kernels::attention_gradient(B, P, C, q, k, v, y, row_max, inv_row_sum, dy, dq, dk, dv);
    naive::attention_gradient(B, P, C, q, k, v, want, want_row_max, want_inv_row_sum, dy, want_dq, want_dk,
                              want_dv);
    // In the gradients, the weights multiply dy v, which is about sqrt(C).
    CHECK(differs(dq, want_dq, 4 * tolerance) == "");
    CHECK(differs(dk, want_dk, 4 * tolerance) == "");
    CHECK(differs(dv, want_dv, 4 * tolerance) == "");
  }
}

TEST_CASE("attention: scores of +-10000 select the largest without NaN, and NaN gives NaN") {
  const int P = 5, C = 4;  // the scores are q k / sqrt(C) = q k / 2
  Array q(P * C, 0), k(P * C, 0), y(P * C), row_max(P), inv_row_sum(P);
  const Array v = normal(P * C, 'v');
  const real keys[P] = {-200, 50, 200, 200, 0};
  for (int j = 0; j < P; ++j) {
    q[j * C] = j == 1 ? -100 : 100;  // query 1 selects the smallest key
    k[j * C] = keys[j];
  }
  q[4 * C] = 0;  // query 4 weights all keys equally
  kernels::attention(1, P, C, q, k, v, y, row_max, inv_row_sum);
  for (int c = 0; c < C; ++c) {
    const double largest = (double(v[2 * C + c]) + v[3 * C + c]) / 2, smallest = v[c];
    CHECK(near(y[c], largest, 4 * unit));
    CHECK(near(y[C + c], smallest, 4 * unit));
    CHECK(near(y[4 * C + c], (v[c] + v[C + c] + 2 * largest + v[4 * C + c]) / 5, 8 * unit));
  }
  const Array dy = normal(P * C, 'd');
  Array dq(P * C, 0), dk = dq, dv = dq, want_dq = dq, want_dk = dq, want_dv = dq;
  kernels::attention_gradient(1, P, C, q, k, v, y, row_max, inv_row_sum, dy, dq, dk, dv);
  naive::attention_gradient(1, P, C, q, k, v, y, row_max, inv_row_sum, dy, want_dq, want_dk, want_dv);
  // Two equal keys of 200 cancel in dq, which leaves 200 times the rounding error.
  CHECK(differs(dq, want_dq, 200 * 16 * unit, 16 * unit) == "");
  CHECK(differs(dk, want_dk, 100 * 16 * unit, 16 * unit) == "");
  CHECK(differs(dv, want_dv, 16 * unit, 16 * unit) == "");

  q[0] = real(NAN);
  kernels::attention(1, P, C, q, k, v, y, row_max, inv_row_sum);
  CHECK(std::isnan(y[0]));
}

}  // namespace ddpm::test
