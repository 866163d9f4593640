// Philox 4×32-10 (Salmon et al. 2011): a counter and a key go in, four random
// words come out. No state: any number can be drawn at any time, on any
// thread. Contract: kernels.h. Checked by: tests/kernels/test_random.cpp.
#include <algorithm>
#include <cmath>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vec_math.h"
#include "kernels/kernels.h"

namespace ddpm::kernels {
namespace {

struct Block {
  uint32_t word[4];
};

Block philox(Block c, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t(0xD2511F53) * c.word[0];
    const uint64_t product1 = uint64_t(0xCD9E8D57) * c.word[2];
    c = {{uint32_t(product1 >> 32) ^ c.word[1] ^ key0, uint32_t(product1),
          uint32_t(product0 >> 32) ^ c.word[3] ^ key1, uint32_t(product0)}};
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return c;
}

Block stream_block(const Stream& s, int64_t block) {
  return philox({{uint32_t(block), s.index, s.step, s.purpose}}, uint32_t(s.seed), uint32_t(s.seed >> 32));
}

// (word + 0.5) / 2³². In float the largest would round to 1: take the one below.
template <typename Number>
Number uniform(uint32_t word) {
  const double u = (word + 0.5) * 0x1p-32;
  return std::min(Number(u), std::nextafter(Number(1), Number(0)));
}

// f(first element, how many, block) for every block of n elements, in parallel.
template <typename F>
void blocks(int64_t n, const Stream& s, F f) {
#pragma omp parallel for schedule(static) if (worth_threads(16 * n))
  for (int64_t begin = 0; begin < n; begin += 4)
    f(begin, int(std::min<int64_t>(4, n - begin)), stream_block(s, begin / 4));
}

}  // namespace

void philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  const Block b = philox({{counter[0], counter[1], counter[2], counter[3]}}, key[0], key[1]);
  std::copy_n(b.word, 4, out);
}

void fill_uniform(int64_t n, Stream stream, real* x) {
  blocks(n, stream, [=](int64_t i, int count, const Block& b) {
    for (int k = 0; k < count; ++k) x[i + k] = uniform<real>(b.word[k]);
  });
}

void fill_normal(int64_t n, Stream stream, real* x) {
  blocks(n, stream, [=](int64_t i, int count, const Block& b) {
    for (int k = 0; k < count; k += 2) {
      const double radius = std::sqrt(-2 * std::log(uniform<double>(b.word[k])));
      const double angle = 2 * M_PI * uniform<double>(b.word[k + 1]);
      x[i + k] = real(radius * std::cos(angle));
      if (k + 1 < count) x[i + k + 1] = real(radius * std::sin(angle));
    }
  });
}

void dropout(int64_t n, real p, Stream stream, const real* x, real* y) {
  const real keep = real(1) / (1 - p);
  blocks(n, stream, [=](int64_t i, int count, const Block& b) {
    for (int k = 0; k < count; ++k) y[i + k] = uniform<real>(b.word[k]) < p ? 0 : x[i + k] * keep;
  });
}

void dropout_gradient(int64_t n, real p, Stream stream, const real* dy, Accumulator dx) {
  const real keep = real(1) / (1 - p);
  blocks(n, stream, [=](int64_t i, int count, const Block& b) {
    for (int k = 0; k < count; ++k) {
      const real change = uniform<real>(b.word[k]) < p ? 0 : dy[i + k] * keep;
      accumulate(dx, i + k, change);
    }
  });
}

}  // namespace ddpm::kernels
