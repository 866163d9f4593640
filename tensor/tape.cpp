// Tape::backward: see tape.h.
#include "tensor/tape.h"

#include <algorithm>

namespace ddpm {

void Tape::backward(const Tensor& loss) {
  ENSURE(loss.requires_grad(), "the loss depends on nothing that wants a gradient");
  std::fill_n(loss.gradient().data(), loss.size(), real(1));
  while (!steps_.empty()) {
    steps_.back()();
    steps_.pop_back();
  }
}

}  // namespace ddpm
