// The kernels' definitions: the contract of kernels.h again, in namespace naive.
#pragma once
#include "kernels/kernels.h"
#undef KERNELS_NAMESPACE
#define KERNELS_NAMESPACE naive
#include "kernels/kernels.h"
#undef KERNELS_NAMESPACE
#define KERNELS_NAMESPACE kernels
