// exp, the logistic function and partial rows on vectors.
// Checked by: tests/kernels/test_pointwise.cpp (swish), tests/kernels/test_attention.cpp.
#pragma once

#include "kernels/cpu/vec.h"

namespace ddpm::kernels {

// The first min(n, lanes) elements at p; the others are zero.
inline vec load(const real* p, int n) { return n >= lanes ? load(p) : load_part(p, n); }
inline void store(real* p, vec v, int n) {
  if (n >= lanes)
    store(p, v);
  else
    store_part(p, v, n);
}

// Adds v to element i of `to`, or overwrites the element if `to` is fresh.
inline void accumulate(Accumulator to, int64_t i, real v) {
  to.target()[i] = to.so_far() ? to.so_far()[i] + v : v;
}
// The same for the elements i..i + count - 1 and the first count elements of v.
inline void accumulate(Accumulator to, int64_t i, vec v, int count) {
  store(to.target() + i, to.so_far() ? load(to.so_far() + i, count) + v : v, count);
}

// What exp needs to know of the number type: where the exponent begins, the
// range in which the result is a normal number, and how many terms of the
// series Σ r^k/k!, |r| <= ln(2)/2, reach the last bit.
#ifdef REAL_DOUBLE
using bits = int64_t;
constexpr int mantissa_bits = 52, exp_terms = 13;
constexpr real exp_lowest = -708, exp_highest = 709;
constexpr real ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
#else
using bits = int32_t;
constexpr int mantissa_bits = 23, exp_terms = 7;
constexpr real exp_lowest = -87, exp_highest = 88;
constexpr real ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;
#endif
typedef bits vec_bits __attribute__((vector_size(vec_bytes)));

constexpr real inverse_factorial(int k) {
  double product = 1;
  for (int i = 2; i <= k; ++i) product *= i;
  return real(1 / product);
}

// e^x = 2^n · e^r with n = round(x / ln 2) and r = x − n·ln 2. Arguments out of
// range are clamped to it; NaN stays NaN.
inline vec exp(vec x) {
  x = x < exp_lowest ? broadcast(exp_lowest) : x;
  x = x > exp_highest ? broadcast(exp_highest) : x;
  // Adding 1.5·2^mantissa_bits rounds to a whole number: no bits are left for more.
  const real magic = real(1.5) * real(int64_t(1) << mantissa_bits);
  const vec n = mul_add(real(1.4426950408889634), x, broadcast(magic)) - magic;
  const vec r = mul_add(-ln2_low, n, mul_add(-ln2_high, n, x));
  vec series = broadcast(inverse_factorial(exp_terms));
#pragma GCC unroll 13
  for (int k = exp_terms - 1; k >= 0; --k) series = mul_add(series, r, broadcast(inverse_factorial(k)));
  // 2^n · series: n is added to the exponent. The result is a normal number, so this is exact.
  return reinterpret_cast<vec>(reinterpret_cast<vec_bits>(series) +
                               (__builtin_convertvector(n, vec_bits) << mantissa_bits));
}

// σ(x) = 1 / (1 + e^−x)
inline vec logistic(vec x) { return real(1) / (real(1) + exp(-x)); }
// The derivative of x·σ(x): σ(x)·(1 + x·(1 − σ(x))).
inline vec swish_slope(vec x) {
  const vec s = logistic(x);
  return s * mul_add(x, real(1) - s, broadcast(1));
}

}  // namespace ddpm::kernels
