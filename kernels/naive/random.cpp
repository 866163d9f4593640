// Philox 4×32-10 (Salmon et al. 2011): random numbers without a state. A block
// of four words is a function of a counter (which block?) and a key (which
// seed?), so any element can be computed alone, in any order, by any thread.
// Checked by: tests/kernels/test_random.cpp (the authors' known answers).
#include <algorithm>
#include <cmath>

#include "kernels/naive/naive.h"

namespace ddpm::naive {
namespace {

uint32_t high(uint64_t product) { return uint32_t(product >> 32); }
uint32_t low(uint64_t product) { return uint32_t(product); }

// Element i of the stream as a word: word i%4 of block i/4.
uint32_t word(Stream stream, int64_t i) {
  const uint32_t counter[4] = {uint32_t(i / 4), stream.index, stream.step, stream.purpose};
  const uint32_t key[2] = {low(stream.seed), high(stream.seed)};
  uint32_t out[4];
  philox4x32(counter, key, out);
  return out[i % 4];
}

// The middle of the word's interval: uniform on (0, 1), never 0, never 1.
double uniform(uint32_t word) { return (word + 0.5) / 4294967296.0; }

}  // namespace

// Ten rounds. Each multiplies two of the words by constants, whose products'
// high halves carry every bit into the other two words, mixes in the key, and
// exchanges the words' places; the key moves on by a constant each round.
void philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  const uint64_t multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57;  // searched by the authors
  const uint32_t weyl0 = 0x9E3779B9;                                  // 2³²·(golden ratio − 1)
  const uint32_t weyl1 = 0xBB67AE85;                                  // 2³²·(√3 − 1)
  uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = multiplier0 * x0, product1 = multiplier1 * x2;
    x0 = high(product1) ^ x1 ^ k0;
    x1 = low(product1);
    x2 = high(product0) ^ x3 ^ k1;
    x3 = low(product0);
    k0 += weyl0;
    k1 += weyl1;
  }
  out[0] = x0, out[1] = x1, out[2] = x2, out[3] = x3;
}

// In float the largest 128 words would round to 1: they become the number below.
void fill_uniform(int64_t n, Stream stream, real* x) {
  const real below_one = std::nextafter(real(1), real(0));
  for (int64_t i = 0; i < n; ++i) x[i] = std::min(real(uniform(word(stream, i))), below_one);
}

// Box–Muller: a point of the plane whose two coordinates are standard normal
// and independent has a direction that is uniform and a radius √(−2 ln u).
void fill_normal(int64_t n, Stream stream, real* x) {
  const double pi = std::acos(-1.0);
  for (int64_t i = 0; i < n; ++i) {
    const int64_t even = i - i % 2;
    const double u = uniform(word(stream, even)), v = uniform(word(stream, even + 1));
    const double r = std::sqrt(-2 * std::log(u)), angle = 2 * pi * v;
    x[i] = real(i % 2 == 0 ? r * std::cos(angle) : r * std::sin(angle));
  }
}

}  // namespace ddpm::naive
