// The order in which training visits a dataset: shuffled anew in every epoch,
// yet a formula without memory, so that training resumes anywhere.
// Checked by: tests/test_order.cpp.
#pragma once

#include <cstdint>

namespace ddpm {

// The image, 0..n−1, that is drawn at this position, 0, 1, 2, … of training.
// Positions e·n … e·n + n − 1 are epoch e and visit every image exactly once,
// in an order that depends on seed, e and n alone.
int64_t shuffled(int64_t position, int64_t n, uint64_t seed);

}  // namespace ddpm
