// Vectors of the compiler: one type whose width follows the target (16 floats
// with AVX-512, 8 with AVX2, 4 with NEON or SSE; half as many doubles).
// Arithmetic on them is written with + − * /, element by element, and rounds as
// written: the Makefile forbids the compiler to fuse a product and a sum
// (-ffp-contract=off), because it would do so in one copy of a loop and not in
// another. Where a fused multiply–add is wanted, mul_add names it.
// Checked by: the test suite "same bits" and tests/same_bits.sh.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include "kernels/types.h"

namespace ddpm::kernels {

#if defined(__AVX512F__)
constexpr int vec_bytes = 64, vec_registers = 32;
#elif defined(__AVX__)
constexpr int vec_bytes = 32, vec_registers = 16;
#elif defined(__aarch64__)
constexpr int vec_bytes = 16, vec_registers = 32;
#else
constexpr int vec_bytes = 16, vec_registers = 16;
#endif
constexpr int lanes = vec_bytes / sizeof(real);

typedef real vec __attribute__((vector_size(vec_bytes)));
// The same in memory, at any address where a real may stand.
typedef real vec_in_memory __attribute__((vector_size(vec_bytes), aligned(alignof(real)), may_alias));

inline vec load(const real* p) { return *reinterpret_cast<const vec_in_memory*>(p); }
inline void store(real* p, vec v) { *reinterpret_cast<vec_in_memory*>(p) = v; }
inline vec broadcast(real value) { return value - vec{}; }  // x − 0 is x, but 0 + x is not for −0

// a·b + c, rounded once where the processor has a fused multiply–add, else the
// rounded product and then the sum; never a call into libm.
#if defined(__FMA__)
inline real mul_add(real a, real b, real c) { return std::fma(a, b, c); }
#if defined(REAL_DOUBLE) && defined(__AVX512F__)
inline vec mul_add(vec a, vec b, vec c) { return _mm512_fmadd_pd(a, b, c); }
#elif defined(REAL_DOUBLE)
inline vec mul_add(vec a, vec b, vec c) { return _mm256_fmadd_pd(a, b, c); }
#elif defined(__AVX512F__)
inline vec mul_add(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
#else
inline vec mul_add(vec a, vec b, vec c) { return _mm256_fmadd_ps(a, b, c); }
#endif
#elif defined(__aarch64__)
inline real mul_add(real a, real b, real c) { return std::fma(a, b, c); }
#if defined(REAL_DOUBLE)
inline vec mul_add(vec a, vec b, vec c) { return vfmaq_f64(c, a, b); }
#else
inline vec mul_add(vec a, vec b, vec c) { return vfmaq_f32(c, a, b); }
#endif
#else
inline real mul_add(real a, real b, real c) { return a * b + c; }
inline vec mul_add(vec a, vec b, vec c) { return a * b + c; }
#endif
inline vec mul_add(real a, vec b, vec c) { return mul_add(broadcast(a), b, c); }

// The first n < lanes elements only; load_part fills the rest with zeros.
inline vec load_part(const real* p, int n) {
  vec v{};
  for (int i = 0; i < n; ++i) v[i] = p[i];
  return v;
}
inline void store_part(real* p, vec v, int n) {
  for (int i = 0; i < n; ++i) p[i] = v[i];
}

// v[i + n] for i = 0, 1, …, as far as there are such elements.
template <int n, int... i>
inline vec upper_half(vec v, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(v, v, ((i + n) % lanes)...);
}
// The elements of v put together by f, halves first: f(v, v's upper half), …
template <int half = lanes / 2, typename F>
inline real reduce(vec v, F f) {
  if constexpr (half == 0)
    return v[0];
  else
    return reduce<half / 2>(f(v, upper_half<half>(v, std::make_integer_sequence<int, lanes>{})), f);
}
// The sum of the elements, in one order.
inline real sum(vec v) {
  return reduce(v, [](vec a, vec b) { return a + b; });
}

}  // namespace ddpm::kernels
