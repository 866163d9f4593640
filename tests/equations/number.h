// Single numbers as inputs of the functions of ddpm/, which take batches of images: a tensor (1, 1) is one
// image with one number.
#pragma once

#include "ddpm/gaussian.h"
#include "tests/equations/oracles.h"

namespace ddpm::test::equations {

static_assert(sizeof(real) == 8, "the equations are checked in double");

inline Tensor number(double x) { return Tensor::from({1, 1}, {x}); }
inline double value(const Tensor& x) { return x.data()[0]; }
inline double value(const PerImage& x) { return x[0]; }

// Returns scale some_number(i, which) for i = 0, 1, ....
inline Tensor some_numbers(const Shape& shape, int which, double scale = 1) {
  Tensor x(shape);
  for (int i = 0; i < x.size(); ++i) x.data()[i] = scale * some_number(i, which);
  return x;
}

}  // namespace ddpm::test::equations
