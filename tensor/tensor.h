// Tensor: a shape, its numbers, and the place where its gradient gathers.
// A Tensor is a handle: copies share the same numbers. Memory comes from the
// pool (tensor/pool.h) and returns there when the last handle goes.
// Rules: made and dropped on one thread only; kernels may use many inside.
// Checked by: tests/test_tensor.cpp.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "kernels/types.h"

namespace ddpm {

// Sizes, slowest first: (B, H, W, C) for images, (B, C) for vectors.
using Shape = std::vector<int>;
int64_t elements(const Shape& shape);       // the product of the sizes, 1 for {}
std::string to_string(const Shape& shape);  // "(64, 28, 28, 1)"

// The derivative of the loss by one tensor. A backward step keeps this handle
// alone where it does not need the tensor's numbers, so that those can be freed.
class Gradient {
 public:
  Gradient() = default;
  explicit Gradient(int64_t n) : state_(std::make_shared<State>(State{n, false, nullptr})) {}
  bool wanted() const { return state_ && state_->wanted; }  // does anyone need it?
  void want() const { state_->wanted = true; }
  // The numbers, zero at first use. For a gradient that nobody wants: nullptr,
  // which the kernels' optional pointers take.
  real* data() const;
  // The place for a backward step to add to. The step must, and to every number of
  // it: a place that nobody added to before is fresh, not zero. Not wanted: nullptr.
  Accumulator sum() const;
  // Adds the gradient of a tensor of equal size, which must not be needed any more:
  // where nothing was added before, its memory simply changes hands.
  void add_last(const Gradient& other) const;
  bool started() const { return state_ && state_->memory; }  // was anything added?
  bool is(const Gradient& other) const { return state_ == other.state_; }
  void clear() const { state_->memory.reset(); }  // back to zero, memory freed

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
  Tensor() = default;
  // Memory for the shape, not initialized (NaN in debug builds). Every size
  // must be at least 1.
  explicit Tensor(Shape shape);
  static Tensor zeros(Shape shape);
  static Tensor from(Shape shape, const std::vector<real>& values);

  explicit operator bool() const { return memory_ != nullptr; }
  const Shape& shape() const { return shape_; }
  int dim(int i) const { return shape_.at(i); }
  int64_t size() const { return size_; }
  real* data() const { return memory_.get(); }
  const Gradient& gradient() const { return gradient_; }
  bool requires_grad() const { return gradient_.wanted(); }
  // Marks a parameter (or a test's input): the tape will compute its gradient.
  Tensor& require_grad() { return gradient_.want(), *this; }
  // The same numbers and gradient under another shape of equal size.
  Tensor reshaped(Shape shape) const;
  std::vector<real> values() const { return {data(), data() + size()}; }

 private:
  Shape shape_;
  int64_t size_ = 0;
  std::shared_ptr<real[]> memory_;
  Gradient gradient_;
};

}  // namespace ddpm
