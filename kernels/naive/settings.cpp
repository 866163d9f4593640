// The definitions run on one thread and compute the sums as they read,
// whatever is asked for. Checked by: tests/kernels/test_threads.cpp.
#include "kernels/naive/naive.h"

namespace ddpm::naive {

void set_threads(int) {}
int threads() { return 1; }
void set_convolution_method(ConvolutionMethod) {}
ConvolutionMethod convolution_method() { return ConvolutionMethod::direct; }

}  // namespace ddpm::naive
