// The number of threads: OpenMP's.
#include <omp.h>

#include "kernels/kernels.h"

namespace ddpm::kernels {

void set_threads(int n) {
  omp_set_dynamic(0);  // OMP_DYNAMIC lets fewer run
  omp_set_num_threads(n);
}
int threads() { return omp_get_max_threads(); }

}  // namespace ddpm::kernels
