// The order in which training visits the images of a dataset: a new random order in every epoch.
// The order is a pure function of the position, so training can resume at any step. A reader of the
// paper may skip the .cpp: any shuffle would do.
// Checked by: tests/ddpm/data/test_order.cpp.
#pragma once

#include <cstdint>

namespace ddpm {

// Returns the index, in 0..n-1, of the image drawn at `position` = 0, 1, 2, ... of training.
// Positions e n to e n + n - 1 form epoch e, which visits every image exactly once. The order of an
// epoch depends only on seed, e and n. Throws std::logic_error if position < 0 or n < 1.
int64_t shuffled(int64_t position, int64_t n, uint64_t seed);

}  // namespace ddpm
