// Philox against its authors' known answers, the layout of the streams, and
// whether the numbers are uniform, normal and independent.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/support/arrays.h"

namespace ddpm::test {

namespace {

// The words of a stream, as the contract lays them out.
uint32_t word(Stream s, int64_t i) {
  const uint32_t counter[4] = {uint32_t(i / 4), s.index, s.step, s.purpose};
  const uint32_t key[2] = {uint32_t(s.seed), uint32_t(s.seed >> 32)};
  uint32_t out[4];
  kernels::philox4x32(counter, key, out);
  return out[i % 4];
}

const Stream stream{0x123456789abcdef0, 11, 22, 33};

double uniform(Stream s, int64_t i) { return (word(s, i) + 0.5) / 4294967296.0; }

// Kolmogorov–Smirnov: √n times the largest distance between the sorted
// numbers' distribution and cdf. Above 1.95 in one of a thousand fair draws.
template <typename Cdf>
double kolmogorov_smirnov(Array x, Cdf cdf) {
  const double n = double(x.size());
  std::sort(x.data(), x.data() + x.size());
  double distance = 0;
  for (int64_t i = 0; i < x.size(); ++i) {
    const double f = cdf(x[i]);
    distance = std::max({distance, double(i + 1) / n - f, f - double(i) / n});
  }
  return distance * std::sqrt(n);
}

// Within five standard errors: wrong in less than one of a million fair draws.
bool expected(double mean, double want, double deviation, int64_t n) {
  return near(mean, want, 5 * deviation / std::sqrt(double(n)));
}

}  // namespace

TEST_CASE("philox gives the authors' known answers") {
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

TEST_CASE("fill_uniform is the stream's words, at every length") {
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

TEST_CASE("fill_normal is Box-Muller of the stream's words, at every length") {
  for (int64_t n : {1, 2, 3, 4, 5, 7, 8, 15, 17, 64, 1001, 70001}) {
    Array x(n), want(n);
    kernels::fill_normal(n, stream, x);
    naive::fill_normal(n, stream, want);
    // Computed in double: the angle 2πv errs by some 1e-15, and r is at most 7.
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

TEST_CASE("a stream's beginning does not depend on its length" * doctest::test_suite("same bits")) {
  Array all(1000);
  kernels::fill_normal(1000, stream, all);
  for (int64_t n : {1, 5, 999}) {
    Array some(n), want(n);
    kernels::fill_normal(n, stream, some);
    std::copy_n(all.data(), n, want.data());
    CHECK(differs(some, want, 0) == "");
  }
}

TEST_CASE("streams of different names share no numbers") {
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
  // 8000 numbers out of 2³² (fewer in float): a few may meet by chance.
  CHECK(seen.size() > 8000 - 40);
}

TEST_CASE("uniform numbers have the moments and the distribution of uniform ones") {
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
  CHECK(kolmogorov_smirnov(x, [](double u) { return u; }) < 1.95);
}

TEST_CASE("normal numbers have the moments and the distribution of normal ones") {
  const int64_t n = 400000;
  Array x(n);
  kernels::fill_normal(n, stream, x);
  double power[5] = {};                // the mean of x, x², x³, x⁴
  double neighbours = 0, squares = 0;  // the two of a pair share r: are they independent?
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
  CHECK(kolmogorov_smirnov(x, [](double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }) < 1.95);
}

TEST_CASE("the smallest and the largest word give proper numbers") {
  // Found by search: with seed, purpose and step 0, element 2 of stream
  // 920591648 is the word 0 and of stream 105672652 the word 2³² − 1.
  const Stream smallest{0, 0, 0, 920591648}, largest{0, 0, 0, 105672652};
  REQUIRE(word(smallest, 2) == 0);
  REQUIRE(word(largest, 2) == 0xffffffff);
  Array x(4);
  kernels::fill_uniform(4, smallest, x);
  CHECK(x[2] == real(0x1p-33));
  kernels::fill_uniform(4, largest, x);
  CHECK(x[2] < 1);
  CHECK(near(x[2], 1 - 0x1p-33, unit));
  // u near 0 gives the longest radius there is, u near 1 the shortest.
  kernels::fill_normal(4, smallest, x);
  CHECK(near(std::hypot(x[2], x[3]), std::sqrt(66 * std::log(2.0)), 8 * unit));
  kernels::fill_normal(4, largest, x);
  CHECK(near(std::hypot(x[2], x[3]), std::sqrt(0x1p-32), 0, 1e-6));
}

}  // namespace ddpm::test
