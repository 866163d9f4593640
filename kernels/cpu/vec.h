// Vectors of the compiler: one type whose width follows the target (16 floats
// with AVX-512, 8 with AVX2, 4 with NEON or SSE; half as many doubles).
// Arithmetic on them is written with + − * /, element by element.
#pragma once

#include <cstdint>

#include "kernels/types.h"

namespace kernels {

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

// The first n < lanes elements only; load_part fills the rest with zeros.
inline vec load_part(const real* p, int n) {
  vec v{};
  for (int i = 0; i < n; ++i) v[i] = p[i];
  return v;
}
inline void store_part(real* p, vec v, int n) {
  for (int i = 0; i < n; ++i) p[i] = v[i];
}

// The sum of the elements, in one order.
inline real sum(vec v) {
  real s = 0;
  for (int i = 0; i < lanes; ++i) s += v[i];
  return s;
}

}  // namespace kernels
