// Group norm, swish and attention against their definitions, and their limits:
// constant groups, large means, scores and arguments that overflow exp.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/arrays.h"

namespace ddpm::test {

namespace {

struct Norm {
  int B, P, C, G;
};
const Norm norms[] = {{1, 1, 2, 1},    {2, 3, 3, 3},    {3, 7, 8, 2},    {1, 15, 16, 4},  {2, 25, 33, 3},
                      {5, 49, 40, 8},  {2, 196, 32, 8}, {1, 210, 48, 8}, {3, 49, 64, 8},  {1, 64, 96, 32},
                      {2, 784, 32, 8}, {1, 5, 5, 5},    {2, 13, 17, 1},  {1, 812, 96, 8}, {1, 9, 31, 31}};

struct Normed {
  Array y, mean, rstd;
  explicit Normed(Norm s) : y(s.B * s.P * s.C), mean(s.B * s.G), rstd(s.B * s.G) {}
};

std::string name(Norm s, Activation activation) {
  return text("B ", s.B, ", P ", s.P, ", C ", s.C, ", G ", s.G,
              activation == Activation::swish ? ", swish" : "");
}

void check_group_norm(Norm s, Activation activation) {
  CAPTURE(name(s, activation));
  const Array x = normal(s.B * s.P * s.C, 'x'), gamma = normal(s.C, 'g'), beta = normal(s.C, 'b');
  Normed got(s), want(s);
  kernels::group_norm(s.B, s.P, s.C, s.G, real(1e-6), activation, x, gamma, beta, got.y, got.mean, got.rstd);
  naive::group_norm(s.B, s.P, s.C, s.G, real(1e-6), activation, x, gamma, beta, want.y, want.mean, want.rstd);
  // Numbers of size 1 to 10 after about ten operations. A group of two nearly
  // equal numbers has a large rstd, which multiplies the rounding of the mean.
  const double largest = *std::max_element(want.rstd.data(), want.rstd.data() + s.B * s.G);
  CHECK(differs(got.mean, want.mean, 8 * sum_unit) == "");
  CHECK(differs(got.rstd, want.rstd, 0, 16 * sum_unit * largest) == "");
  CHECK(differs(got.y, want.y, 32 * sum_unit * largest, 16 * sum_unit) == "");
}

// Bits 0, 1 and 2 of targets: whether dx, dgamma and dbeta are given.
void check_group_norm_gradient(Norm s, Activation activation, int targets) {
  CAPTURE(name(s, activation));
  const int n = s.B * s.P * s.C;
  const Array x = normal(n, 'x'), gamma = normal(s.C, 'g'), beta = normal(s.C, 'b'), dy = normal(n, 'd');
  Normed stats(s);
  naive::group_norm(s.B, s.P, s.C, s.G, real(1e-6), activation, x, gamma, beta, stats.y, stats.mean,
                    stats.rstd);

  const Array start_x = normal(n, 'X'), start_c = normal(s.C, 'C');
  Array dx = start_x, dgamma = start_c, dbeta = start_c;
  Array want_dx = start_x, want_dgamma = start_c, want_dbeta = start_c;
  auto if_given = [&](int bit, Array& x) { return targets & (1 << bit) ? x.data() : nullptr; };
  kernels::group_norm_gradient(s.B, s.P, s.C, s.G, activation, x, gamma, beta, stats.mean, stats.rstd, dy,
                               if_given(0, dx), if_given(1, dgamma), if_given(2, dbeta));
  naive::group_norm_gradient(s.B, s.P, s.C, s.G, activation, x, gamma, beta, stats.mean, stats.rstd, dy,
                             if_given(0, want_dx), if_given(1, want_dgamma), if_given(2, want_dbeta));
  const double largest = *std::max_element(stats.rstd.data(), stats.rstd.data() + s.B * s.G);
  // dx: as the forward pass, times rstd. dgamma, dbeta: sums of B·P terms of
  // size 1 to 10, whose rounding grows like the partial sums.
  CHECK(differs(dx, want_dx, 64 * sum_unit * largest * largest, 16 * sum_unit) == "");
  CHECK(differs(dgamma, want_dgamma, sum_unit * (64 + s.B * s.P) * largest) == "");
  CHECK(differs(dbeta, want_dbeta, sum_unit * (64 + s.B * s.P) * largest) == "");
}

}  // namespace

TEST_CASE("group norm equals its definition") {
  for (Norm s : norms)
    for (const Activation activation : {Activation::none, Activation::swish}) check_group_norm(s, activation);
}

TEST_CASE("the derivative of group norm equals its definition") {
  for (Norm s : norms)
    for (const Activation activation : {Activation::none, Activation::swish})
      check_group_norm_gradient(s, activation, 7);
}

TEST_CASE("group norm's derivative takes any choice of targets") {
  for (int targets = 0; targets < 8; ++targets)
    check_group_norm_gradient({2, 15, 24, 3}, Activation::swish, targets);
}

TEST_CASE("group norm of a constant is beta, with rstd = 1/sqrt(epsilon)") {
  const Norm s{2, 49, 32, 4};
  const Array x(s.B * s.P * s.C, real(0.7)), gamma = normal(s.C, 'g'), beta = normal(s.C, 'b');
  Normed got(s);
  kernels::group_norm(s.B, s.P, s.C, s.G, real(1e-6), Activation::none, x, gamma, beta, got.y, got.mean,
                      got.rstd);
  const double mean_error = 8 * sum_unit;
  CHECK(differs(got.mean, Array(s.B * s.G, real(0.7)), mean_error) == "");
  CHECK(differs(got.rstd, Array(s.B * s.G, 1000), 0, 1e-6) == "");
  // What rounding leaves of x − mean is multiplied by rstd·gamma.
  Array want = x;
  for (int64_t i = 0; i < want.size(); ++i) want[i] = beta[i % s.C];
  CHECK(differs(got.y, want, mean_error * 1000 * 4) == "");
}

TEST_CASE("group norm survives a mean a thousand times the deviation") {
  const Norm s{2, 196, 32, 8};
  Array x = normal(s.B * s.P * s.C, 'x');
  for (int64_t i = 0; i < x.size(); ++i) x[i] += 1000;
  const Array gamma(s.C, 1), beta(s.C, 0);
  Normed got(s), want(s);
  kernels::group_norm(s.B, s.P, s.C, s.G, real(1e-6), Activation::none, x, gamma, beta, got.y, got.mean,
                      got.rstd);
  naive::group_norm(s.B, s.P, s.C, s.G, real(1e-6), Activation::none, x, gamma, beta, want.y, want.mean,
                    want.rstd);
  // A mean that is stored to 2⁻²⁴ is off by 6e-5 in float: nothing can be nearer
  // that uses it. E[x²] − E[x]² would lose 0.06 of the variance.
  CHECK(differs(got.mean, want.mean, 0, 2 * sum_unit) == "");
  CHECK(differs(got.rstd, want.rstd, 0, 1e-6) == "");
  CHECK(differs(got.y, want.y, 4 * sum_unit * 1000) == "");
}

TEST_CASE("swish and its derivative equal their definitions and keep their limits") {
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

TEST_CASE("attention and its derivative equal their definitions") {
  const int sizes[][3] = {{1, 1, 1},   {2, 2, 3},   {3, 7, 5},    {1, 15, 8},  {2, 49, 16}, {1, 31, 17},
                          {2, 33, 33}, {1, 49, 40}, {1, 196, 64}, {2, 16, 96}, {5, 13, 31}, {1, 65, 48}};
  for (const int(&shape)[3] : sizes) {
    const int B = shape[0], P = shape[1], C = shape[2];
    CAPTURE(text("B ", B, ", P ", P, ", C ", C));
    const int64_t n = int64_t(B) * P * C;
    const Array q = normal(n, 'q'), k = normal(n, 'k'), v = normal(n, 'v'), dy = normal(n, 'd');
    // Averages of numbers of size 1; a score errs by a few units times √C,
    // and exp makes of it a relative error of the weights.
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
    // Here the weights multiply dy·v, which is of size √C.
    CHECK(differs(dq, want_dq, 4 * tolerance) == "");
    CHECK(differs(dk, want_dk, 4 * tolerance) == "");
    CHECK(differs(dv, want_dv, 4 * tolerance) == "");
  }
}

TEST_CASE("attention with scores of ±10000 picks the largest, without NaN; of NaN it is NaN") {
  const int P = 5, C = 4;  // √C = 2: the scores are q·k/2
  Array q(P * C, 0), k(P * C, 0), y(P * C), row_max(P), inv_row_sum(P);
  const Array v = normal(P * C, 'v');
  const real keys[P] = {-200, 50, 200, 200, 0};
  for (int j = 0; j < P; ++j) {
    q[j * C] = j == 1 ? -100 : 100;  // query 1 looks for the smallest key
    k[j * C] = keys[j];
  }
  q[4 * C] = 0;  // query 4 has no preference
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
  // Two equal keys of 200 cancel in dq: 200 times the rounding remains.
  CHECK(differs(dq, want_dq, 200 * 16 * unit, 16 * unit) == "");
  CHECK(differs(dk, want_dk, 100 * 16 * unit, 16 * unit) == "");
  CHECK(differs(dv, want_dv, 16 * unit, 16 * unit) == "");

  q[0] = real(NAN);
  kernels::attention(1, P, C, q, k, v, y, row_max, inv_row_sum);
  CHECK(std::isnan(y[0]));
}

}  // namespace ddpm::test
