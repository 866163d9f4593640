// Implements Tape::backward: see tape.h.
#include "tensor/tape.h"

namespace ddpm {

void Tape::backward(const Tensor& loss) {
  ENSURE(loss.requires_grad(), "the loss depends on nothing that wants a gradient");
  loss.gradient().fill(1);
  while (!steps_.empty()) {
    const BackwardStep& step = steps_.back();
    if (!step.dy.empty()) step.run(step.dy);
    steps_.pop_back();
  }
}

}  // namespace ddpm
