// Loads images of a dataset as network inputs, and draws the batches for training.
// Checked by: tests/ddpm/data/test_data.cpp, tests/ddpm/data/test_batch.cpp.
#pragma once

#include <functional>
#include <vector>

#include "ddpm/data/dataset.h"
#include "tensor/tensor.h"

namespace ddpm {

// Returns B >= 1 images as a tensor (B, H, W, C), scaled from bytes 0..255 to [-1, 1] (Section 3.3).
// indices[b] is the index of image b in the dataset; it must be valid. Flips image b left to right if
// mirrored[b] is true. If `mirrored` is empty, no image is flipped. Throws std::logic_error if
// `mirrored` is neither empty nor of size B.
Tensor load_images(const Dataset&, const std::vector<int64_t>& indices,
                   const std::vector<bool>& mirrored = {});

// Options of the training batches.
struct BatchConfig {
  int size = 128;     // images per step
  bool flip = false;  // flip each image with probability 1/2 (appendix B)
};

// Returns a function that maps a training step 1, 2, ... to its batch x_0 ~ q(x_0). The batch has
// shape (config.size, H, W, C) and values in [-1, 1]. Source: Algorithm 1, line 2.
// Images are drawn without replacement, each once per epoch (ddpm/data/order.h). A batch that spans
// two epochs may contain an image twice. A batch depends only on the arguments and the step. The
// dataset must outlive the function. The function throws std::logic_error if step < 1.
std::function<Tensor(int64_t step)> batches(const Dataset&, BatchConfig, uint64_t seed);

}  // namespace ddpm
