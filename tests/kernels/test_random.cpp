// Checks Philox against its authors' known answers, the layout of the streams against the contract, and the
// distribution of the numbers. The kernels: kernels/cpu/random.cpp. The definitions:
// kernels/naive/random.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/support/arrays.h"
#include "tests/support/statistics.h"

namespace ddpm::test {

namespace {

// Returns word i of a stream, as the contract (kernels/kernels.h) lays them out.
uint32_t word(Stream s, int64_t i) {
  const uint32_t counter[4] = {uint32_t(i / 4), s.index, s.step, s.purpose};
  const uint32_t key[2] = {uint32_t(s.seed), uint32_t(s.seed >> 32)};
  uint32_t out[4];
  kernels::philox4x32(counter, key, out);
  return out[i % 4];
}

const Stream stream{0x123456789abcdef0, 11, 22, 33};

// Returns word i as a number in (0, 1).
double uniform(Stream s, int64_t i) { return (word(s, i) + 0.5) / 4294967296.0; }

// Returns whether the mean of n numbers is within five standard errors of the expected one. For numbers of
// the expected distribution, it is not in less than one of a million cases.
bool expected(double mean, double want, double deviation, int64_t n) {
  return near(mean, want, 5 * deviation / std::sqrt(double(n)));
}

}  // namespace

TEST_CASE("philox: gives the authors' known answers") {
  struct Answer {
    uint32_t counter[4], key[2], out[4];
  };
  const uint32_t ones = 0xffffffff;
  const Answer answers[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{ones, ones, ones, ones}, {ones, ones}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const Answer& a : answers) {
    uint32_t got[4], naive_got[4];
    kernels::philox4x32(a.counter, a.key, got);
    naive::philox4x32(a.counter, a.key, naive_got);
    for (int i = 0; i < 4; ++i) {
      CHECK(got[i] == a.out[i]);
      CHECK(naive_got[i] == a.out[i]);
    }
  }
}

TEST_CASE("random: fill_uniform gives the stream's words as numbers in (0, 1), for every length") {
  for (int64_t n : {1, 2, 3, 4, 5, 7, 8, 15, 17, 64, 1001, 70001}) {
    Array x(n), want(n);
    kernels::fill_uniform(n, stream, x);
    naive::fill_uniform(n, stream, want);
    CHECK(differs(x, want, 0) == "");
    std::vector<double> by_hand(n);
    for (int64_t i = 0; i < n; ++i) by_hand[i] = uniform(stream, i);
    CHECK(mismatch(x.data(), by_hand.data(), by_hand.size(), unit) == "");
  }
}

TEST_CASE("random: fill_normal is the Box-Muller transform of the stream's words, for every length") {
  for (int64_t n : {1, 2, 3, 4, 5, 7, 8, 15, 17, 64, 1001, 70001}) {
    Array x(n), want(n);
    kernels::fill_normal(n, stream, x);
    naive::fill_normal(n, stream, want);
    // Both compute in double. The angle 2 pi v has an error of about 1e-15, and r is at most 7.
    CHECK(differs(x, want, 1e-14, 2 * unit) == "");
    std::vector<double> by_hand(n);
    for (int64_t i = 0; i < n; ++i) {
      const int64_t even = i - i % 2;
      const double r = std::sqrt(-2 * std::log(uniform(stream, even)));
      const double angle = 2 * std::acos(-1.0) * uniform(stream, even + 1);
      by_hand[i] = r * (i % 2 == 0 ? std::cos(angle) : std::sin(angle));
    }
    CHECK(mismatch(x.data(), by_hand.data(), by_hand.size(), 1e-14, 2 * unit) == "");
  }
}

TEST_CASE("random: the first numbers of a stream do not depend on how many are drawn" *
          doctest::test_suite("same bits")) {
  Array all(1000);
  kernels::fill_normal(1000, stream, all);
  for (int64_t n : {1, 5, 999}) {
    Array some(n), want(n);
    kernels::fill_normal(n, stream, some);
    std::copy_n(all.data(), n, want.data());
    CHECK(differs(some, want, 0) == "");
  }
}

TEST_CASE("random: streams of different names have different numbers") {
  const Stream names[] = {stream,
                          {stream.seed + 1, 11, 22, 33},
                          {stream.seed + (uint64_t(1) << 32), 11, 22, 33},
                          {stream.seed, 12, 22, 33},
                          {stream.seed, 11, 23, 33},
                          {stream.seed, 11, 22, 34},
                          {stream.seed, 22, 11, 33},
                          {stream.seed, 11, 33, 22}};
  const int64_t n = 1000;
  std::set<double> seen;
  Array x(n);
  for (Stream s : names) {
    kernels::fill_normal(n, s, x);
    for (int64_t i = 0; i < n; ++i) seen.insert(x[i]);
  }
  // Of 8000 numbers out of 2^32 (fewer in float), a few may be equal by chance.
  CHECK(seen.size() > 8000 - 40);
}

TEST_CASE("random: fill_uniform gives the moments and the distribution of U(0, 1)") {
  const int64_t n = 400000;
  Array x(n);
  kernels::fill_uniform(n, stream, x);
  double mean = 0, variance = 0, neighbours = 0;
  int64_t inside = 0;
  for (int64_t i = 0; i < n; ++i) {
    inside += x[i] > 0 && x[i] < 1;
    mean += x[i] / double(n);
    variance += (x[i] - 0.5) * (x[i] - 0.5) / double(n);
    if (i > 0) neighbours += (x[i] - 0.5) * (x[i - 1] - 0.5) / double(n - 1);
  }
  CHECK(inside == n);
  CHECK(expected(mean, 0.5, std::sqrt(1.0 / 12), n));
  CHECK(expected(variance, 1.0 / 12, std::sqrt(1.0 / 180), n));
  CHECK(expected(neighbours, 0, 1.0 / 12, n - 1));
  const std::vector<real> sample(x.data(), x.data() + n);
  CHECK(kolmogorov(sample, [](double u) { return u; }) < kolmogorov_level_0_001);
}

TEST_CASE("random: fill_normal gives the moments and the distribution of N(0, 1)") {
  const int64_t n = 400000;
  Array x(n);
  kernels::fill_normal(n, stream, x);
  double power[5] = {};                // the means of x, x^2, x^3, x^4
  double neighbours = 0, squares = 0;  // the two numbers of a pair have one radius r, but must be independent
  for (int64_t i = 0; i < n; ++i) {
    for (int k = 1; k <= 4; ++k) power[k] += std::pow(double(x[i]), k) / double(n);
    if (i % 2 == 0) continue;
    neighbours += double(x[i]) * x[i - 1] / double(n / 2);
    squares += (double(x[i]) * x[i] - 1) * (double(x[i - 1]) * x[i - 1] - 1) / double(n / 2);
  }
  CHECK(expected(power[1], 0, 1, n));
  CHECK(expected(power[2], 1, std::sqrt(2.0), n));
  CHECK(expected(power[3], 0, std::sqrt(15.0), n));
  CHECK(expected(power[4], 3, std::sqrt(96.0), n));
  CHECK(expected(neighbours, 0, 1, n / 2));
  CHECK(expected(squares, 0, 2, n / 2));
  const std::vector<real> sample(x.data(), x.data() + n);
  const auto cdf = [](double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); };
  CHECK(kolmogorov(sample, cdf) < kolmogorov_level_0_001);
}

TEST_CASE("random: the smallest and the largest word give finite numbers in the range") {
  // The two streams were found by search: their word 2 is 0 and 2^32 - 1.
  const Stream smallest{0, 0, 0, 920591648}, largest{0, 0, 0, 105672652};
  REQUIRE(word(smallest, 2) == 0);
  REQUIRE(word(largest, 2) == 0xffffffff);
  Array x(4);
  kernels::fill_uniform(4, smallest, x);
  CHECK(x[2] == real(0x1p-33));
  kernels::fill_uniform(4, largest, x);
  CHECK(x[2] < 1);
  CHECK(near(x[2], 1 - 0x1p-33, unit));
  // The word 0 gives the largest possible radius, 2^32 - 1 the smallest.
  kernels::fill_normal(4, smallest, x);
  CHECK(near(std::hypot(x[2], x[3]), std::sqrt(66 * std::log(2.0)), 8 * unit));
  kernels::fill_normal(4, largest, x);
  CHECK(near(std::hypot(x[2], x[3]), std::sqrt(0x1p-32), 0, 1e-6));
}

}  // namespace ddpm::test
