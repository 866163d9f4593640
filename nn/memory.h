// How much memory a network needs, estimated from its table alone: nothing is
// computed or allocated. What is counted are tensors, that is the pool's
// peak_bytes; the kernels' own work space, freed buffers that the pool keeps
// for reuse, and the program itself come on top of it.
// Checked by: tests/test_memory.cpp, within a twentieth of real steps.
#pragma once

#include "nn/unet.h"

namespace ddpm {

struct MemoryEstimate {
  int64_t weights;      // of the network; the average, Adam's two moments and the gradients are as large each
  int64_t activations;  // what the tape keeps of a forward pass for the backward pass
  int64_t training;     // the most in use at any moment of a training step, everything included
  int64_t sampling;     // the same for a sampling step, which keeps only the skips
};

// In bytes, for `batch` images a step.
MemoryEstimate estimate_memory(const Unet& network, int batch);

}  // namespace ddpm
