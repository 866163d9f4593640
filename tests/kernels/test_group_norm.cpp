// Checks group norm, with and without swish, and its gradients against the definitions
// (kernels/naive/group_norm.cpp) at odd sizes, and its limits: a constant input and a large mean.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/arrays.h"

namespace ddpm::test {

namespace {

struct Sizes {
  int B, P, C, G;
};
const Sizes sizes[] = {{1, 1, 2, 1},    {2, 3, 3, 3},    {3, 7, 8, 2},    {1, 15, 16, 4},  {2, 25, 33, 3},
                       {5, 49, 40, 8},  {2, 196, 32, 8}, {1, 210, 48, 8}, {3, 49, 64, 8},  {1, 64, 96, 32},
                       {2, 784, 32, 8}, {1, 5, 5, 5},    {2, 13, 17, 1},  {1, 812, 96, 8}, {1, 9, 31, 31}};

struct Output {
  Array y, mean, rstd;
  explicit Output(Sizes s) : y(s.B * s.P * s.C), mean(s.B * s.G), rstd(s.B * s.G) {}
};

std::string name(Sizes s, Activation activation) {
  return text("B ", s.B, ", P ", s.P, ", C ", s.C, ", G ", s.G,
              activation == Activation::swish ? ", swish" : "");
}

void check_group_norm(Sizes s, Activation activation) {
  CAPTURE(name(s, activation));
  const Array x = normal(s.B * s.P * s.C, 'x'), gamma = normal(s.C, 'g'), beta = normal(s.C, 'b');
  Output got(s), want(s);
  kernels::group_norm(s.B, s.P, s.C, s.G, real(1e-6), activation, x, gamma, beta, got.y, got.mean, got.rstd);
  naive::group_norm(s.B, s.P, s.C, s.G, real(1e-6), activation, x, gamma, beta, want.y, want.mean, want.rstd);
  // The numbers are about 1 to 10, after about ten operations each. A group of two nearly equal numbers has
  // a large rstd, which multiplies the rounding error of the mean.
  const double largest = *std::max_element(want.rstd.data(), want.rstd.data() + s.B * s.G);
  CHECK(differs(got.mean, want.mean, 8 * sum_unit) == "");
  CHECK(differs(got.rstd, want.rstd, 0, 16 * sum_unit * largest) == "");
  CHECK(differs(got.y, want.y, 32 * sum_unit * largest, 16 * sum_unit) == "");
}

// Bits 0, 1 and 2 of targets say whether dx, dgamma and dbeta are given.
void check_group_norm_gradient(Sizes s, Activation activation, int targets) {
  CAPTURE(name(s, activation));
  const int n = s.B * s.P * s.C;
  const Array x = normal(n, 'x'), gamma = normal(s.C, 'g'), beta = normal(s.C, 'b'), dy = normal(n, 'd');
  Output stats(s);
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
  // dx has the error of the forward pass times rstd. dgamma and dbeta are sums of B P terms of about 1 to
  // 10, whose rounding error grows like the partial sums.
  CHECK(differs(dx, want_dx, 64 * sum_unit * largest * largest, 16 * sum_unit) == "");
  CHECK(differs(dgamma, want_dgamma, sum_unit * (64 + s.B * s.P) * largest) == "");
  CHECK(differs(dbeta, want_dbeta, sum_unit * (64 + s.B * s.P) * largest) == "");
}

}  // namespace

TEST_CASE("group norm: the output equals the definition's") {
  for (Sizes s : sizes)
    for (const Activation activation : {Activation::none, Activation::swish}) check_group_norm(s, activation);
}

TEST_CASE("group norm: the gradients equal the definitions'") {
  for (Sizes s : sizes)
    for (const Activation activation : {Activation::none, Activation::swish})
      check_group_norm_gradient(s, activation, 7);
}

TEST_CASE("group norm: any of the gradients may be left out") {
  for (int targets = 0; targets < 8; ++targets)
    check_group_norm_gradient({2, 15, 24, 3}, Activation::swish, targets);
}

TEST_CASE("group norm: a constant input gives beta, with rstd = 1 / sqrt(epsilon)") {
  const Sizes s{2, 49, 32, 4};
  const Array x(s.B * s.P * s.C, real(0.7)), gamma = normal(s.C, 'g'), beta = normal(s.C, 'b');
  Output got(s);
  kernels::group_norm(s.B, s.P, s.C, s.G, real(1e-6), Activation::none, x, gamma, beta, got.y, got.mean,
                      got.rstd);
  const double mean_error = 8 * sum_unit;
  CHECK(differs(got.mean, Array(s.B * s.G, real(0.7)), mean_error) == "");
  CHECK(differs(got.rstd, Array(s.B * s.G, 1000), 0, 1e-6) == "");
  // The rounding error of x - mean is multiplied by rstd gamma.
  Array want = x;
  for (int64_t i = 0; i < want.size(); ++i) want[i] = beta[i % s.C];
  CHECK(differs(got.y, want, mean_error * 1000 * 4) == "");
}

TEST_CASE("group norm: is accurate for a mean of a thousand standard deviations") {
  const Sizes s{2, 196, 32, 8};
  Array x = normal(s.B * s.P * s.C, 'x');
  for (int64_t i = 0; i < x.size(); ++i) x[i] += 1000;
  const Array gamma(s.C, 1), beta(s.C, 0);
  Output got(s), want(s);
  kernels::group_norm(s.B, s.P, s.C, s.G, real(1e-6), Activation::none, x, gamma, beta, got.y, got.mean,
                      got.rstd);
  naive::group_norm(s.B, s.P, s.C, s.G, real(1e-6), Activation::none, x, gamma, beta, want.y, want.mean,
                    want.rstd);
  // A mean of 1000 that is stored in float has an error of 6e-5, and so has everything computed from it.
  // A variance computed as E[x^2] - E[x]^2 would have an error of 0.06.
  CHECK(differs(got.mean, want.mean, 0, 2 * sum_unit) == "");
  CHECK(differs(got.rstd, want.rstd, 0, 1e-6) == "");
  CHECK(differs(got.y, want.y, 4 * sum_unit * 1000) == "");
}

}  // namespace ddpm::test
