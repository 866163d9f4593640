// When other threads are worth waking: a parallel region costs
// microseconds, more where its threads sleep; a small tensor's kernel less. Results do not depend on it.
#pragma once

#include <cstdint>

namespace ddpm::kernels {

inline bool worth_threads(int64_t numbers) { return numbers >= 32768; }  // read or written
inline bool worth_threads_for_products(int64_t multiply_adds) { return multiply_adds >= 1048576; }

}  // namespace ddpm::kernels
