// Checks attention and its gradients against the definitions (kernels/naive/attention.cpp) at odd sizes, and
// its limits: scores that overflow exp, and NaN.
#include <doctest/doctest.h>

#include "tests/support/arrays.h"

namespace ddpm::test {

TEST_CASE("attention: the output and the gradients equal the definitions'") {
  const int sizes[][4] = {{1, 1, 1, 1},    {2, 2, 3, 1},   {3, 7, 5, 1},   {1, 15, 8, 1},   {2, 49, 16, 1},
                          {1, 31, 17, 1},  {2, 33, 33, 1}, {1, 49, 40, 1}, {1, 196, 64, 1}, {2, 16, 96, 1},
                          {5, 13, 31, 1},  {1, 65, 48, 1}, {3, 7, 6, 6},   {2, 13, 34, 2},  {1, 49, 64, 8},
                          {2, 196, 48, 3}, {1, 5, 99, 3}};
  for (const int(&shape)[4] : sizes) {
    const int B = shape[0], P = shape[1], C = shape[2], heads = shape[3], D = C / heads, rows = B * heads * P;
    CAPTURE(text("B ", B, ", P ", P, ", C ", C, ", heads ", heads));
    const int64_t n = int64_t(B) * P * C;
    const Array q = normal(n, 'q'), k = normal(n, 'k'), v = normal(n, 'v'), dy = normal(n, 'd');
    // The outputs are averages of numbers of about 1. A score has an error of a few units times sqrt(D),
    // which exp turns into a relative error of the weights.
    const double tolerance = unit * (32 + 8 * std::sqrt(double(D)));
    Array y(n), row_max(rows), inv_row_sum(rows), want(n), want_row_max(rows), want_inv_row_sum(rows);
    kernels::attention(B, P, C, heads, q, k, v, y, row_max, inv_row_sum);
    naive::attention(B, P, C, heads, q, k, v, want, want_row_max, want_inv_row_sum);
    CHECK(differs(y, want, tolerance) == "");
    CHECK(differs(row_max, want_row_max, 2 * std::sqrt(double(D)) * tolerance) == "");
    CHECK(differs(inv_row_sum, want_inv_row_sum, tolerance) == "");

    const Array start = normal(n, 's');
    Array dq = start, dk = start, dv = start, want_dq = start, want_dk = start, want_dv = start;
    kernels::attention_gradient(B, P, C, heads, q, k, v, y, row_max, inv_row_sum, dy, dq, dk, dv);
    naive::attention_gradient(B, P, C, heads, q, k, v, want, want_row_max, want_inv_row_sum, dy, want_dq,
                              want_dk, want_dv);
    // In the gradients, the weights multiply dy v, which is about sqrt(D).
    CHECK(differs(dq, want_dq, 4 * tolerance) == "");
    CHECK(differs(dk, want_dk, 4 * tolerance) == "");
    CHECK(differs(dv, want_dv, 4 * tolerance) == "");
  }
}

// Holds for kernel and definition: head h makes of q, k and v what one head makes of its channels alone.
TEST_CASE("attention: a head reads and writes its own channels, and its scale is its own width's") {
  const int B = 2, P = 11, heads = 3, D = 5, C = heads * D, n = B * P * C;
  const Array q = normal(n, 'q'), k = normal(n, 'k'), v = normal(n, 'v');
  const auto channels = [&](const Array& x, int h) {
    Array some(B * P * D);
    for (int p = 0; p < B * P; ++p) std::copy_n(x.data() + p * C + h * D, D, some.data() + p * D);
    return some;
  };
  for (const auto attention : {kernels::attention, naive::attention}) {
    Array y(n), row_max(B * heads * P), inv_row_sum(B * heads * P);
    attention(B, P, C, heads, q, k, v, y, row_max, inv_row_sum);
    for (int h = 0; h < heads; ++h) {
      Array want(B * P * D), want_max(B * P), want_sum(B * P);
      attention(B, P, D, 1, channels(q, h), channels(k, h), channels(v, h), want, want_max, want_sum);
      CHECK(differs(channels(y, h), want, 0) == "");
      for (int b = 0; b < B; ++b) {
        CHECK(mismatch(row_max.data() + (b * heads + h) * P, want_max.data() + b * P, P, 0) == "");
        CHECK(mismatch(inv_row_sum.data() + (b * heads + h) * P, want_sum.data() + b * P, P, 0) == "");
      }
    }
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
  kernels::attention(1, P, C, 1, q, k, v, y, row_max, inv_row_sum);
  for (int c = 0; c < C; ++c) {
    const double largest = (double(v[2 * C + c]) + v[3 * C + c]) / 2, smallest = v[c];
    CHECK(near(y[c], largest, 4 * unit));
    CHECK(near(y[C + c], smallest, 4 * unit));
    CHECK(near(y[4 * C + c], (v[c] + v[C + c] + 2 * largest + v[4 * C + c]) / 5, 8 * unit));
  }
  const Array dy = normal(P * C, 'd');
  Array dq(P * C, 0), dk = dq, dv = dq, want_dq = dq, want_dk = dq, want_dv = dq;
  kernels::attention_gradient(1, P, C, 1, q, k, v, y, row_max, inv_row_sum, dy, dq, dk, dv);
  naive::attention_gradient(1, P, C, 1, q, k, v, y, row_max, inv_row_sum, dy, want_dq, want_dk, want_dv);
  // Two equal keys of 200 cancel in dq, which leaves 200 times the rounding error.
  CHECK(differs(dq, want_dq, 200 * 16 * unit, 16 * unit) == "");
  CHECK(differs(dk, want_dk, 100 * 16 * unit, 16 * unit) == "");
  CHECK(differs(dv, want_dv, 16 * unit, 16 * unit) == "");

  q[0] = real(NAN);
  kernels::attention(1, P, C, 1, q, k, v, y, row_max, inv_row_sum);
  CHECK(std::isnan(y[0]));
}

}  // namespace ddpm::test
