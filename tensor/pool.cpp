// Implements the buffer pool: see pool.h.
#include "tensor/pool.h"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <map>
#include <new>

namespace ddpm {

namespace {

constexpr std::align_val_t alignment{64};

struct Pool {
  std::multimap<int64_t, real*> free;  // bytes -> buffer
  PoolUse use{};
  ~Pool() { trim(); }
  void trim() {
    for (auto& [bytes, buffer] : free) ::operator delete(buffer, alignment);
    free.clear();
    use.kept_bytes = 0;
  }
};

// Returns the pool. It is constructed by the first allocation, before the tensor that asks for it, and is
// therefore destroyed after every static tensor.
Pool& pool() {
  static Pool instance;
  return instance;
}

int64_t machine_bytes() { return int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE); }

real* allocate(int64_t bytes) {
  static const int64_t most = machine_bytes();
  Pool& p = pool();
  if (p.use.live_bytes + p.use.kept_bytes + bytes > most) p.trim();
  if (p.use.live_bytes + bytes > most) throw std::bad_alloc();
  return static_cast<real*>(::operator new(bytes, alignment));
}

// Takes a kept buffer that is at most an eighth larger than requested, or else allocates one. Overwrites
// bytes with the size of the buffer.
real* take(int64_t& bytes) {
  Pool& p = pool();
  auto it = p.free.lower_bound(bytes);
  if (it == p.free.end() || it->first > bytes + bytes / 8) return allocate(bytes);
  real* buffer = it->second;
  bytes = it->first;
  p.use.kept_bytes -= bytes;
  p.free.erase(it);
  return buffer;
}

void give_back(real* buffer, int64_t bytes) {
  Pool& p = pool();
  p.free.emplace(bytes, buffer);
  p.use.kept_bytes += bytes;
  p.use.live_bytes -= bytes;
  p.use.live_buffers -= 1;
}

}  // namespace

std::shared_ptr<real[]> pool_allocate(int64_t n) {
  ENSURE(n >= 1, n);
  int64_t bytes = (n * int64_t(sizeof(real)) + 63) / 64 * 64;
  real* buffer = take(bytes);
#ifdef POISON
  std::fill_n(buffer, bytes / sizeof(real), std::numeric_limits<real>::quiet_NaN());
#endif
  PoolUse& use = pool().use;
  use.live_bytes += bytes;
  use.live_buffers += 1;
  use.peak_bytes = std::max(use.peak_bytes, use.live_bytes);
  return {buffer, [bytes](real* b) { give_back(b, bytes); }};
}

PoolUse pool_use() { return pool().use; }
void pool_trim() { pool().trim(); }

}  // namespace ddpm
