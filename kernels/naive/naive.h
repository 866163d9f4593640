// The kernels' definitions: the contract of kernels.h again, in namespace naive.
#pragma once
#include "kernels/kernels.h"
#undef KERNELS_NAMESPACE
#define KERNELS_NAMESPACE ddpm::naive
#include "kernels/kernels.h"
#undef KERNELS_NAMESPACE
#define KERNELS_NAMESPACE ddpm::kernels

namespace ddpm::naive {

// Adds value to element i of `to`, or overwrites the element if `to` is fresh.
inline void accumulate(Accumulator to, int64_t i, double value) {
  to.target()[i] = real(to.so_far() ? to.so_far()[i] + value : value);
}

}  // namespace ddpm::naive
