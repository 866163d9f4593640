// Computes a keyed permutation of 0..n-1 with a Feistel network and cycle walking.
// Checked by: tests/ddpm/data/test_order.cpp.
//
// A Feistel round (left, right) -> (right, left ^ f(right)) is invertible for every f. The network
// is therefore a permutation of its domain, 0..2^(2 half) - 1. `half` is the smallest positive integer
// for which the domain has at least n elements. Cycle walking restricts the permutation to 0..n-1: it
// applies the network until the result is below n. This takes at most 4 applications on average,
// because the domain has at most 4n elements.
#include "ddpm/data/order.h"

#include <algorithm>
#include <bit>

#include "kernels/kernels.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr uint32_t purpose = 0x73687566;  // "shuf" in ASCII; separates this use of the seed from others
constexpr uint32_t rounds = 6;

// A pseudorandom permutation of 0..2^(2 half) - 1, selected by seed and epoch.
struct Feistel {
  uint64_t seed, epoch;
  int half;  // number of bits of left and of right, 1..32

  uint64_t operator()(uint64_t x) const {
    const uint64_t mask = (uint64_t(1) << half) - 1;
    uint64_t left = x >> half, right = x & mask;
    for (uint32_t round = 0; round < rounds; ++round) {
      const uint64_t next = left ^ (random(round, uint32_t(right)) & mask);
      left = right;
      right = next;
    }
    return left << half | right;
  }

 private:
  // Returns f(value) of this round, 32 pseudorandom bits.
  uint32_t random(uint32_t round, uint32_t value) const {
    const uint32_t counter[4] = {value, round, uint32_t(epoch), uint32_t(epoch >> 32)};
    const uint32_t key[2] = {uint32_t(seed), uint32_t(seed >> 32) ^ purpose};
    uint32_t out[4];
    kernels::philox4x32(counter, key, out);
    return out[0];
  }
};

}  // namespace

int64_t shuffled(int64_t position, int64_t n, uint64_t seed) {
  ENSURE(position >= 0 && n >= 1, position, " ", n);
  const int bits = int(std::bit_width(uint64_t(n - 1)));
  const Feistel permute{seed, uint64_t(position / n), std::max(1, (bits + 1) / 2)};
  uint64_t x = uint64_t(position % n);
  do x = permute(x);
  while (x >= uint64_t(n));
  return int64_t(x);
}

}  // namespace ddpm
