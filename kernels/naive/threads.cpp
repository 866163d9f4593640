// The definitions run on one thread, whatever is asked for.
// Checked by: tests/test_threads.cpp.
#include "kernels/naive/naive.h"

namespace naive {

void set_threads(int) {}
int threads() { return 1; }

}  // namespace naive
