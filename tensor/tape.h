// The tape: reverse-mode differentiation. Every operation (tensor/ops.h) records its backward step.
// backward() runs the steps in reverse order and drops each one, with the tensors that it holds, as soon
// as it has run.
//
//   Tape tape;
//   Tensor loss = mean(tape, mean_squared_error(tape, matmul(tape, x, w, b), target));
//   tape.backward(loss);            // accumulates dloss/dw into w.gradient()
//
// Tape(Tape::off) records nothing: sampling frees every tensor as soon as it has been used.
// Checked by: tests/tensor/test_tape.cpp, tests/tensor/test_gradients.cpp.
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

  // Records the backward step of an operation that computed y from inputs. step(dy) accumulates into
  // the inputs' gradients; dy is y's gradient, which is complete and not empty. Drops the step if the
  // tape is off or no input wants a gradient, else marks y's gradient as wanted. Inputs may be Tensor{}.
  template <typename Step>
  void record(std::initializer_list<const Tensor*> inputs, const Tensor& y, Step step) {
    if (mode_ == off) return;
    bool wanted = false;
    for (const Tensor* x : inputs) wanted = wanted || x->requires_grad();
    if (!wanted) return;
    y.gradient().want();
    steps_.push_back({y.gradient(), std::move(step)});
  }

  // Sets dloss/dloss = 1 for every element of loss, runs the steps in reverse and empties the tape.
  // Skips a step whose y has an empty gradient, because y does not contribute to the loss. Throws
  // std::logic_error if the loss depends on nothing that wants a gradient.
  // Accumulates into the gradients of parameters: clear them between updates. The gradient of an
  // intermediate tensor that you still hold has its value, too, unless another tape used it; with one
  // exception: conv3x3 and matmul move y's gradient into that of the residual, if it wants one. Reading y's
  // throws std::logic_error.
  void backward(const Tensor& loss);

  // Returns the number of recorded steps.
  size_t size() const { return steps_.size(); }

 private:
  struct BackwardStep {
    Gradient dy;
    std::function<void(const Gradient& dy)> run;
  };
  Mode mode_;
  std::vector<BackwardStep> steps_;
};

}  // namespace ddpm
