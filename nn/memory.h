// Estimate of the memory that a U-Net needs, from its table of layers: nothing is computed.
// Counts the tensors only, that is peak_bytes of tensor/pool.h. Freed buffers that the pool keeps, the
// kernels' scratch memory and the program itself come on top.
// Checked by: tests/nn/test_memory.cpp, within 2 % of what real steps use.
#pragma once

#include "nn/unet.h"

namespace ddpm {

// All in bytes, as double because those of the largest networks exceed int64_t.
struct MemoryEstimate {
  double weights;      // of one network; the average, Adam's two moments and the gradients are as large each
  double activations;  // what the tape holds at the end of the forward pass
  double training;     // peak of a training step, all of the above included
  double sampling;     // peak of a sampling step, weights included
};

// Returns the estimate for steps of `batch` images.
MemoryEstimate estimate_memory(const Unet& network, int batch);

}  // namespace ddpm
