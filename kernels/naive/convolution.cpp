// The 3×3 convolution is a sum of products x·w, and its derivatives are the
// same products regrouped: each (x, w, y) that meet in the forward sum meet
// again in dx = Σ dy·w and in dw = Σ x·dy. So the loops stand here once.
// Sums in double. Checked by: tests/kernels/test_convolution.cpp (the oracle of
// the fast kernels), tests/tensor/test_gradients.cpp.
#include <vector>

#include "kernels/naive/naive.h"

namespace ddpm::naive {
namespace {

// Calls visit(position in x, position in w, position in y) for every product
// of the forward sum. Products with the zeros outside the image are left out.
template <typename Visit>
void for_each_product(Convolution s, Visit visit) {
  const int p = s.before();
  for (int b = 0; b < s.B; ++b)
    for (int i = 0; i < s.H_out(); ++i)
      for (int j = 0; j < s.W_out(); ++j)
        for (int u = 0; u < 3; ++u)
          for (int v = 0; v < 3; ++v) {
            const int row = s.stride * i + u - p, column = s.stride * j + v - p;
            if (row < 0 || row >= s.H || column < 0 || column >= s.W) continue;
            const int64_t x = ((int64_t(b) * s.H + row) * s.W + column) * s.C_in;
            const int64_t w = int64_t(3 * u + v) * s.C_in * s.C_out;
            const int64_t y = ((int64_t(b) * s.H_out() + i) * s.W_out() + j) * s.C_out;
            for (int c = 0; c < s.C_in; ++c)
              for (int o = 0; o < s.C_out; ++o) visit(x + c, w + int64_t(c) * s.C_out + o, y + o);
          }
}

void add_sums(const std::vector<double>& sums, Accumulator target) {
  for (size_t i = 0; i < sums.size(); ++i) accumulate(target, int64_t(i), sums[i]);
}

}  // namespace

void conv3x3(Convolution s, const real* x, const real* w, const real* bias, const real* shift,
             const real* residual, real* y) {
  const int64_t pixels = int64_t(s.H_out()) * s.W_out();
  std::vector<double> sum(s.B * pixels * s.C_out);
  for_each_product(s, [&](int64_t ix, int64_t iw, int64_t iy) { sum[iy] += double(x[ix]) * w[iw]; });

  for (int b = 0; b < s.B; ++b)
    for (int64_t pixel = 0; pixel < pixels; ++pixel)
      for (int o = 0; o < s.C_out; ++o) {
        const int64_t i = (b * pixels + pixel) * s.C_out + o;
        if (bias) sum[i] += bias[o];
        if (shift) sum[i] += shift[int64_t(b) * s.C_out + o];
        if (residual) sum[i] += residual[i];
        y[i] = real(sum[i]);
      }
}

void conv3x3_input_gradient(Convolution s, const real* dy, const real* w, Accumulator dx) {
  std::vector<double> sum(int64_t(s.B) * s.H * s.W * s.C_in);
  for_each_product(s, [&](int64_t ix, int64_t iw, int64_t iy) { sum[ix] += double(dy[iy]) * w[iw]; });
  add_sums(sum, dx);
}

void conv3x3_weight_gradient(Convolution s, const real* x, const real* dy, Accumulator dw) {
  std::vector<double> sum(int64_t(9) * s.C_in * s.C_out);
  for_each_product(s, [&](int64_t ix, int64_t iw, int64_t iy) { sum[iw] += double(x[ix]) * dy[iy]; });
  add_sums(sum, dw);
}

}  // namespace ddpm::naive
