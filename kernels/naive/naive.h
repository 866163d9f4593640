// The kernels' definitions: the contract of kernels.h again, in namespace naive.
#pragma once
#include "kernels/kernels.h"
#undef KERNELS_NAMESPACE
#define KERNELS_NAMESPACE ddpm::naive
#include "kernels/kernels.h"
#undef KERNELS_NAMESPACE
#define KERNELS_NAMESPACE ddpm::kernels

namespace ddpm::naive {

// to[i] += value, or = where it is fresh: once for every element.
inline void accumulate(Accumulator to, int64_t i, double value) {
  to.data[i] = real(to.fresh ? value : to.data[i] + value);
}

}  // namespace ddpm::naive
