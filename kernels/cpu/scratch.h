// Work space of one thread, kept between calls. Declare it as
//   static thread_local Scratch space;
// Rules: get() invalidates what an earlier get() of the same space returned.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>

#include "kernels/types.h"

namespace ddpm::kernels {

class Scratch {
 public:
  // n numbers, 64-byte aligned, not initialized (NaN in debug builds).
  real* get(int64_t n) {
    if (n > size_) {
      memory_.reset();
      memory_.reset(new (std::align_val_t{64}) real[n]);
      size_ = n;
    }
#ifdef POISON
    std::fill_n(memory_.get(), n, std::numeric_limits<real>::quiet_NaN());
#endif
    return memory_.get();
  }
  real* zeros(int64_t n) { return std::fill_n(get(n), n, real(0)) - n; }

 private:
  struct Free {
    void operator()(real* p) const { ::operator delete[](p, std::align_val_t{64}); }
  };
  std::unique_ptr<real[], Free> memory_;
  int64_t size_ = 0;
};

}  // namespace ddpm::kernels
