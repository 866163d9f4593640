// Tensor and Gradient: see tensor.h.
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

real* Gradient::data() const {
  if (!wanted()) return nullptr;
  if (!state_->memory) {
    state_->memory = pool_allocate(state_->n);
    kernels::fill(state_->n, 0, state_->memory.get());
  }
  return state_->memory.get();
}

Accumulator Gradient::sum() const {
  if (!wanted() || state_->memory) return data();
  state_->memory = pool_allocate(state_->n);
  return {state_->memory.get(), true};
}

void Gradient::add_last(const Gradient& other) const {
  if (!wanted()) return;
  ENSURE(state_->n == other.state_->n && !is(other), state_->n, " ", other.state_->n);
  if (state_->memory)
    kernels::add(state_->n, other.data(), state_->memory.get());
  else
    state_->memory = std::move(other.state_->memory);
}

Tensor::Tensor(Shape shape)
    : shape_(std::move(shape)), size_(elements(shape_)), memory_(pool_allocate(size_)), gradient_(size_) {}

Tensor Tensor::zeros(Shape shape) {
  Tensor t(std::move(shape));
  kernels::fill(t.size(), 0, t.data());
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
