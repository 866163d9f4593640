// The buffer pool: training asks for the same sizes again and again, and
// fresh pages from the system are slow, so freed buffers are kept and reused.
// Rules: one thread at a time (the one that makes tensors). In debug builds
// (-DPOISON) every buffer that is handed out is filled with NaN.
// Checked by: tests/test_tensor.cpp.
#pragma once

#include <cstdint>
#include <memory>

#include "kernels/types.h"

namespace ddpm {

// n numbers, 64-byte aligned, not initialized. The buffer returns to the pool
// when the last copy of the pointer goes. Throws std::bad_alloc, also where the
// system would promise more memory than the machine has and end the program later.
std::shared_ptr<real[]> pool_allocate(int64_t n);

struct PoolUse {
  int64_t live_bytes;  // in use now
  int64_t peak_bytes;  // the most that was ever in use
  int64_t kept_bytes;  // free, waiting for reuse
  int64_t live_buffers;
};
PoolUse pool_use();
void pool_trim();  // gives the free buffers back to the system

}  // namespace ddpm
