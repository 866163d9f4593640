// The kernels' definitions: the contract of kernels.h again, in namespace naive.
#pragma once
#include "kernels/kernels.h"
#undef KERNELS_NAMESPACE
#define KERNELS_NAMESPACE naive
#include "kernels/kernels.h"
#undef KERNELS_NAMESPACE
#define KERNELS_NAMESPACE kernels

namespace naive {

// to[i] += value, or = at a fresh place: once for every element.
inline void add(AddTo to, int64_t i, double value) { to.at[i] = real(to.fresh ? value : to.at[i] + value); }

}  // namespace naive
