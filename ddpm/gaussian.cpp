// Normal noise and sums of two images: see gaussian.h.
#include "ddpm/gaussian.h"

#include "kernels/kernels.h"

Tensor standard_normal(const Shape& shape, Stream first) {
  Tensor eps(shape);
  const int B = shape.at(0);
  const int64_t n = eps.size() / B;
  for (int b = 0; b < B; ++b) {
    Stream stream = first;
    stream.index += static_cast<uint32_t>(b);
    kernels::fill_normal(n, stream, eps.data() + b * n);
  }
  return eps;
}

Tensor mix(double a, const Tensor& x, double c, const Tensor& y) {
  const size_t B = static_cast<size_t>(x.dim(0));
  return mix(std::vector<double>(B, a), x, std::vector<double>(B, c), y);
}

Tensor mix(const std::vector<double>& a, const Tensor& x, const std::vector<double>& c,
           const Tensor& y) {
  ENSURE(x.shape() == y.shape(), to_string(x.shape()), " and ", to_string(y.shape()));
  const int B = x.dim(0);
  ENSURE(static_cast<int>(a.size()) == B && static_cast<int>(c.size()) == B, a.size(), " ", c.size());
  const std::vector<real> of_x(a.begin(), a.end()), of_y(c.begin(), c.end());
  Tensor out(x.shape());
  kernels::combine(B, x.size() / B, of_x.data(), x.data(), of_y.data(), y.data(), out.data());
  return out;
}
