// The buffer pool: keeps freed buffers and reuses them. Training allocates the same sizes again and
// again, and new pages from the system are slow.
// Threads: call from one thread only, the one that creates tensors.
// Debug builds (-DPOISON) fill every allocated buffer with NaN.
// Checked by: tests/tensor/test_pool.cpp.
#pragma once

#include <cstdint>
#include <memory>

#include "kernels/types.h"

namespace ddpm {

// Allocates n >= 1 elements, 64-byte aligned and uninitialized. The buffer returns to the pool with the
// last copy of the pointer. Throws std::bad_alloc if the system refuses, or if the buffers in use would
// exceed the machine's memory: many systems would grant them and end the program when it writes to them.
// Throws std::logic_error if n < 1.
std::shared_ptr<real[]> pool_allocate(int64_t n);

struct PoolUse {
  int64_t live_bytes;  // in use now
  int64_t peak_bytes;  // maximum of live_bytes since the program started
  int64_t kept_bytes;  // free, kept for reuse
  int64_t live_buffers;
};
// Returns the current figures.
PoolUse pool_use();
// Returns the free buffers to the system.
void pool_trim();

}  // namespace ddpm
