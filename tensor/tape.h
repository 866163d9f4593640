// The tape: reverse-mode differentiation. Every operation (tensor/ops.h) puts
// its backward step on the tape; backward() runs the steps in reverse, and
// drops each one as soon as it has run, with the tensors it held.
//
//   Tape tape;
//   Tensor loss = mean(tape, mean_squared_error(tape, matmul(tape, x, w, b), target));
//   tape.backward(loss);            // w.gradient().data() holds dloss/dw
//
// Tape(Tape::off) records nothing: sampling frees every tensor at once.
// Checked by: tests/test_tensor.cpp, tests/test_gradients.cpp.
#pragma once

#include <functional>
#include <initializer_list>
#include <vector>

#include "tensor/tensor.h"

namespace ddpm {

class Tape {
 public:
  enum Mode { on, off };
  explicit Tape(Mode mode = on) : mode_(mode) {}

  // Called by operations: y came from inputs, and step adds into the inputs'
  // gradients what y's gradient says. If no input wants a gradient, or the
  // tape is off, the step is dropped.
  template <typename Step>
  void record(std::initializer_list<const Tensor*> inputs, const Tensor& y, Step step) {
    if (mode_ == off) return;
    bool wanted = false;
    for (const Tensor* x : inputs) wanted = wanted || (*x && x->requires_grad());
    if (!wanted) return;
    y.gradient().want();
    steps_.emplace_back(std::move(step));
  }

  // dloss/dloss = 1 for every element of loss (one element, as a rule), then
  // every step in reverse. Gradients of parameters are added to. Empties the tape.
  void backward(const Tensor& loss);

  size_t size() const { return steps_.size(); }

 private:
  Mode mode_;
  std::vector<std::function<void()>> steps_;
};

}  // namespace ddpm
