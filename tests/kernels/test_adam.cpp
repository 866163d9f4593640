// Checks the kernels that update weights, adam and ema, against the definitions
// (kernels/naive/optimizer.cpp). The optimizer that calls them: tests/nn/test_optimizer.cpp.
#include <doctest/doctest.h>

#include "tests/support/arrays.h"

namespace ddpm::test {

TEST_CASE("adam: equals the definition, and first moves each weight by the learning rate") {
  for (int64_t n : lengths)
    for (int64_t step : {1, 2, 1000, 1000000}) {
      const AdamStep s{2e-4, 0.9, 0.999, 1e-8, step, 0.37};
      const Array grad = normal(n, 'g');
      Array m = normal(n, 'm'), v = normal(n, 'v'), w = normal(n, 'w');
      for (int64_t i = 0; i < n; ++i) v[i] = real(0.01) + v[i] * v[i];
      if (step == 1) naive::fill(n, 0, m), naive::fill(n, 0, v);
      Array want_m = m, want_v = v, want_w = w;
      kernels::adam(n, s, grad, m, v, w);
      naive::adam(n, s, grad, want_m, want_v, want_w);
      // 1 - beta_2 is 0.001. Computed in float, it would have an error of 1000 units.
      CHECK(differs(m, want_m, step == 1 ? 0 : 8 * unit, 8 * unit) == "");
      CHECK(differs(v, want_v, 0, 8 * unit) == "");
      CHECK(differs(w, want_w, 4 * unit, 4 * unit) == "");
    }
  // The first step moves a weight by the learning rate, whatever the size of its gradient, and not at all
  // if its gradient is 0.
  Array m(3, 0), v(3, 0), w(3, 0), grad(3);
  grad[0] = real(1e-3), grad[1] = -5, grad[2] = 0;
  kernels::adam(3, {1e-3, 0.9, 0.999, 1e-8, 1, 1}, grad, m, v, w);
  const double moved[3] = {-1e-3, 1e-3, 0};
  CHECK(mismatch(w.data(), moved, 3, 0, 2e-5) == "");
}

TEST_CASE("ema: equals the definition") {
  for (int64_t n : lengths) {
    const Array w = normal(n, 'w');
    Array average = normal(n, 'a'), want = average;
    kernels::ema(n, real(0.9999), w, average);
    naive::ema(n, real(0.9999), w, want);
    CHECK(differs(average, want, 4 * unit, 4 * unit) == "");
  }
}

}  // namespace ddpm::test
