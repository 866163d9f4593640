// Weights by name, and their first values: see parameters.h.
#include "nn/parameters.h"

#include <algorithm>
#include <cmath>

#include "kernels/kernels.h"
#include "tensor/random.h"

namespace ddpm {

namespace {

// Departure 11: the first values are those of the official code; the paper does not give any.
// Returns a of U(-a, a). The shape of the weight is (..., in, out): fan_in = taps * in and
// fan_out = taps * out, where taps, the product of the other dimensions, is 9 for a 3x3 convolution.
double uniform_bound(const Tensor& weight, double scale) {
  const Shape& shape = weight.shape();
  const int in = shape.at(shape.size() - 2), out = shape.back();
  const double taps = double(weight.size()) / in / out;
  return std::sqrt(6 * scale / (taps * (double(in) + out)));
}

// Overwrites weight with draws from U(-a, a).
void fill_weight(const Tensor& weight, double scale, Stream stream) {
  const double a = uniform_bound(weight, scale);
  kernels::fill_uniform(weight.size(), stream, weight.data());
  real* w = weight.data();
  for (int64_t i = 0; i < weight.size(); ++i) w[i] = real(a * (2.0 * w[i] - 1));
}

}  // namespace

Tensor Parameters::add(std::string name, Shape shape, Layout layout, Init init) {
  for (const Parameter& p : all_) ENSURE(p.name != name, name, " exists already");
  Tensor value =
      storage_ == Storage::values ? Tensor(std::move(shape)) : Tensor::without_elements(std::move(shape));
  value.require_grad();
  all_.push_back({std::move(name), layout, init, value});
  return value;
}

void Parameters::initialize(uint64_t seed) {
  ENSURE(storage_ == Storage::values, "these parameters are shapes alone");
  for (size_t i = 0; i < all_.size(); ++i) {
    const Tensor& value = all_[i].value;
    const Stream stream{seed, purpose_init, 0, uint32_t(i)};
    switch (all_[i].init) {
      case Init::zeros: kernels::fill(value.size(), 0, value.data()); break;
      case Init::ones: kernels::fill(value.size(), 1, value.data()); break;
      case Init::fan_avg: fill_weight(value, 1, stream); break;
      case Init::almost_zero: fill_weight(value, 1e-10, stream); break;
    }
  }
}

int64_t Parameters::count() const {
  int64_t n = 0;
  for (const Parameter& p : all_) n += p.value.size();
  return n;
}

void Parameters::clear_gradients() {
  for (const Parameter& p : all_) p.value.gradient().clear();
}

void Parameters::copy_from(const Parameters& other) {
  ENSURE(all_.size() == other.all_.size(), all_.size(), " and ", other.all_.size(), " parameters");
  for (size_t i = 0; i < all_.size(); ++i) {
    const Tensor &to = all_[i].value, &from = other.all_[i].value;
    ENSURE(to.shape() == from.shape(), all_[i].name, to_string(to.shape()), to_string(from.shape()));
    std::copy_n(from.data(), from.size(), to.data());
  }
}

}  // namespace ddpm
