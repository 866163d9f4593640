// Tensor: a shape, elements, and an optional gradient.
// A Tensor is a handle: copies share the elements and the gradient. The memory comes from the pool
// (tensor/pool.h) and returns there with the last handle.
// Errors: a broken precondition throws std::logic_error (ENSURE in kernels/types.h). Functions that
// allocate throw std::bad_alloc if the memory does not suffice.
// Threads: create and destroy tensors on one thread only. Kernels may use many inside.
// Checked by: tests/tensor/test_tensor.cpp.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "kernels/types.h"

namespace ddpm {

// Sizes, slowest first: (B, H, W, C) for images, (B, C) for vectors.
using Shape = std::vector<int>;
// Returns the product of the sizes, 1 for {}. Every size must be at least 1, the product at most 2^48.
int64_t elements(const Shape& shape);
// Returns the shape as in "(64, 28, 28, 1)".
std::string to_string(const Shape& shape);

// The gradient of the loss with respect to one tensor x: dloss/dx, as many elements as x has.
// A Gradient is a handle: copies are the same gradient. A backward step that does not read x's elements
// captures x.gradient() instead of x, so that the elements are freed earlier.
// Memory is allocated by the first accumulation: until then the gradient is empty.
class Gradient {
 public:
  Gradient() = default;  // not wanted, and cannot be
  explicit Gradient(int64_t n) : state_(std::make_shared<State>(State{n, false, nullptr})) {}

  // Marks the gradient as wanted: backward steps compute it.
  void want() const {
    ENSURE(state_, "this gradient belongs to no tensor");
    state_->wanted = true;
  }
  bool wanted() const { return state_ && state_->wanted; }
  // Returns whether nothing was accumulated, or what was accumulated was cleared or moved elsewhere.
  bool empty() const { return !state_ || !state_->memory; }
  bool is(const Gradient& other) const { return state_ == other.state_; }

  // Returns the accumulator for a backward step. The step must write every element: with `=` if the
  // accumulator is fresh (memory is uninitialized), else with `+=`. The accumulator is fresh if the
  // gradient was empty, and false if the gradient is not wanted.
  Accumulator accumulator() const;
  // Accumulates `other` and leaves it empty. If this gradient is empty, it takes over other's buffer
  // without copying. If this gradient is not wanted, changes neither. Otherwise `other` must be
  // another gradient of equal size and not empty.
  void take_or_add(const Gradient& other) const;
  // Overwrites every element with value. The gradient must be wanted.
  void fill(real value) const;
  // Frees the memory. The gradient is empty afterwards.
  void clear() const {
    if (state_) state_->memory.reset();
  }

  // Returns the elements for a kernel to read. The gradient must not be empty.
  KernelInput read() const;
  // Returns a copy of the elements, in the tensor's order. The gradient must not be empty.
  std::vector<real> values() const;

 private:
  struct State {
    int64_t n;
    bool wanted;
    std::shared_ptr<real[]> memory;
  };
  std::shared_ptr<State> state_;
};

class Tensor {
 public:
  Tensor() = default;  // no tensor: false, for an optional argument
  // Allocates uninitialized elements (NaN in debug builds). The shape must be one that elements() takes.
  explicit Tensor(Shape shape);
  static Tensor zeros(Shape shape);
  // Returns a tensor that has a shape and a size, but no elements: data() is nullptr. For tables of layers.
  static Tensor without_elements(Shape shape);
  // Copies the values, as many as the shape has elements, the last index running fastest.
  static Tensor from(Shape shape, const std::vector<real>& values);

  explicit operator bool() const { return memory_ != nullptr; }
  const Shape& shape() const { return shape_; }
  // Returns the size at position i of the shape. Throws std::out_of_range if there is none.
  int dim(int i) const { return shape_.at(i); }
  int64_t size() const { return size_; }
  real* data() const { return memory_.get(); }
  // Returns a copy of the elements, the last index running fastest.
  std::vector<real> values() const { return {data(), data() + size()}; }
  // Returns a tensor of another shape with the same elements and gradient. The sizes must be equal.
  Tensor reshaped(Shape shape) const;

  const Gradient& gradient() const { return gradient_; }
  bool requires_grad() const { return gradient_.wanted(); }
  // Marks a parameter (or a test's input): backward() computes its gradient.
  Tensor& require_grad() { return gradient_.want(), *this; }

 private:
  Shape shape_;
  int64_t size_ = 0;
  std::shared_ptr<real[]> memory_;
  Gradient gradient_;
};

}  // namespace ddpm
