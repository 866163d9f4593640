// When other threads are worth waking: a parallel region costs microseconds,
// the smallest tensors' kernels less. Results do not depend on it.
#pragma once

#include <cstdint>

namespace kernels {

inline bool worth_threads(int64_t numbers) { return numbers >= 4096; }          // read or written
inline bool worth_threads_for_products(int64_t multiply_adds) { return multiply_adds >= 65536; }

}  // namespace kernels
