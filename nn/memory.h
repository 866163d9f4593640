// Estimate of the memory that a U-Net needs, from its table of layers: nothing is computed.
// Counts the tensors only, that is peak_bytes of tensor/pool.h. Freed buffers that the pool keeps, the
// kernels' scratch memory and the program itself come on top.
// Checked by: tests/nn/test_memory.cpp, within 2 % of what real steps use.
#pragma once

#include "nn/unet.h"

namespace ddpm {

// All in bytes.
struct MemoryEstimate {
  int64_t weights;      // of one network; the average, Adam's two moments and the gradients are as large each
  int64_t activations;  // what the tape holds at the end of the forward pass
  int64_t training;     // peak of a training step, all of the above included
  int64_t sampling;     // peak of a sampling step, weights included
};

// Returns the estimate for steps of `batch` images.
MemoryEstimate estimate_memory(const Unet& network, int batch);

}  // namespace ddpm
