// Implements Tensor and Gradient: see tensor.h.
#include "tensor/tensor.h"

#include <algorithm>

#include "kernels/kernels.h"
#include "tensor/pool.h"

namespace ddpm {

int64_t elements(const Shape& shape) {
  int64_t n = 1;
  for (int size : shape) {
    ENSURE(size >= 1, to_string(shape));
    ENSURE(n <= (int64_t(1) << 48) / size, to_string(shape), " is too large");
    n *= size;
  }
  return n;
}

std::string to_string(const Shape& shape) {
  std::string s = "(";
  for (size_t i = 0; i < shape.size(); ++i) s += text(i ? ", " : "", shape[i]);
  return s + ")";
}

Accumulator Gradient::accumulator() const {
  if (!wanted()) return nullptr;
  const bool fresh = empty();
  if (fresh) state_->memory = pool_allocate(state_->n);
  return {state_->memory.get(), fresh};
}

void Gradient::take_or_add(const Gradient& other) const {
  if (!wanted()) return;
  ENSURE(!is(other) && !other.empty(), "cannot take over this gradient itself, or an empty one");
  ENSURE(state_->n == other.state_->n, state_->n, " ", other.state_->n);
  if (empty())
    state_->memory = other.state_->memory;
  else
    kernels::add(state_->n, other.read(), accumulator());
  other.clear();
}

void Gradient::fill(real value) const {
  ENSURE(wanted(), "nothing wants this gradient");
  state_->memory = pool_allocate(state_->n);
  kernels::fill(state_->n, value, state_->memory.get());
}

KernelInput Gradient::read() const {
  ENSURE(!empty(), "the gradient is empty: nothing was accumulated, or it was cleared or moved elsewhere");
  return KernelInput(state_->memory.get());
}

std::vector<real> Gradient::values() const {
  const real* data = read();
  return {data, data + state_->n};
}

Tensor::Tensor(Shape shape)
    : shape_(std::move(shape)), size_(elements(shape_)), memory_(pool_allocate(size_)), gradient_(size_) {}

Tensor Tensor::zeros(Shape shape) {
  Tensor t(std::move(shape));
  kernels::fill(t.size(), 0, t.data());
  return t;
}

Tensor Tensor::without_elements(Shape shape) {
  Tensor t;
  t.shape_ = std::move(shape);
  t.size_ = elements(t.shape_);
  t.gradient_ = Gradient(t.size_);
  return t;
}

Tensor Tensor::from(Shape shape, const std::vector<real>& values) {
  Tensor t(std::move(shape));
  ENSURE(t.size() == int64_t(values.size()), to_string(t.shape_), " from ", values.size());
  std::copy(values.begin(), values.end(), t.data());
  return t;
}

Tensor Tensor::reshaped(Shape shape) const {
  ENSURE(elements(shape) == size_, to_string(shape_), " to ", to_string(shape));
  Tensor t = *this;
  t.shape_ = std::move(shape);
  return t;
}

}  // namespace ddpm
