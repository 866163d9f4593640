// Images of a dataset as the network takes them.
// Checked by: tests/test_data.cpp, tests/test_train.cpp (flips).
#pragma once

#include <vector>

#include "ddpm/data/dataset.h"
#include "tensor/tensor.h"

// The images of these indices, scaled to [−1, 1] (Section 3.3): (B,H,W,C). Where
// mirrored says so, left and right are exchanged; {} mirrors none.
Tensor load_images(const Dataset&, const std::vector<int64_t>& indices,
                   const std::vector<bool>& mirrored = {});
