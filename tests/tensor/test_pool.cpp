// Checks the buffer pool (tensor/pool.h): its counts, the reuse of buffers, and the limit on memory.
#include <doctest/doctest.h>
#include <unistd.h>

#include <new>

#include "tensor/pool.h"
#include "tensor/tensor.h"

namespace ddpm::test {

TEST_CASE("pool: counts the buffers in use and reuses them") {
  pool_trim();
  const PoolUse before = pool_use();
  CHECK(before.kept_bytes == 0);
  real* first;
  {
    const Tensor a({1000});
    first = a.data();
    CHECK(reinterpret_cast<uintptr_t>(first) % 64 == 0);
    CHECK(pool_use().live_buffers == before.live_buffers + 1);
    CHECK(pool_use().live_bytes >= before.live_bytes + int64_t(1000 * sizeof(real)));
    CHECK(pool_use().peak_bytes >= pool_use().live_bytes);
  }
  CHECK(pool_use().live_buffers == before.live_buffers);
  CHECK(pool_use().live_bytes == before.live_bytes);
  CHECK(pool_use().kept_bytes >= int64_t(1000 * sizeof(real)));
  CHECK(Tensor({999}).data() == first);
  CHECK(Tensor({500}).data() != first);  // a buffer twice as large would waste memory
  pool_trim();
  CHECK(pool_use().kept_bytes == 0);
}

#ifndef POISON  // debug builds write to new buffers
TEST_CASE("pool: refuses more memory than the machine has, before it is written to") {
  const int64_t machine = int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE),
                piece = machine / 10 * 4 / int64_t(sizeof(real));
  const auto a = pool_allocate(piece), b = pool_allocate(piece);
  CHECK_THROWS_AS(pool_allocate(piece), std::bad_alloc);
}
#endif

}  // namespace ddpm::test
