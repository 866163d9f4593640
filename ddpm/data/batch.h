// Images of a data set as the network takes them, and the batches of training.
// Checked by: tests/test_data.cpp, tests/test_train.cpp (flips, epochs).
#pragma once

#include <functional>
#include <vector>

#include "ddpm/data/dataset.h"
#include "tensor/tensor.h"

namespace ddpm {

// The images of these indices, scaled to [−1, 1] (Section 3.3): (B,H,W,C). Where
// mirrored says so, left and right are exchanged; {} mirrors none.
Tensor load_images(const Dataset&, const std::vector<int64_t>& indices,
                   const std::vector<bool>& mirrored = {});

struct BatchConfig {
  int size = 128;     // images a step
  bool flip = false;  // random horizontal flips (appendix B)
};

// x_0 ~ q(x_0) of step 1, 2, …: (B,H,W,C), drawn without replacement: every image once an epoch
// (ddpm/data/order.h); a batch across the end of an epoch may hold an image twice. Depends on the
// seed and the step alone. The data set must live as long as the function.
std::function<Tensor(int64_t step)> batches(const Dataset&, BatchConfig, uint64_t seed);

}  // namespace ddpm
