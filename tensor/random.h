// What random numbers are for. A Stream's purpose keeps the uses apart: the
// noise of training is never the noise of sampling, whatever the seed.
// Every stream is keyed by (seed, purpose, step, index): no state, no global
// generator, no clock. Checked by: tests/test_random.cpp.
#pragma once

#include "kernels/types.h"
#include "tensor/tensor.h"

enum Purpose : uint32_t {
  purpose_init = 1,        // a parameter's first values; index = parameter
  purpose_time,            // Algorithm 1, line 3: t; step, index = image
  purpose_noise,           // Algorithm 1, line 4: ε; step, index = image
  purpose_dropout,         // step, index = layer
  purpose_flip,            // step, index = image
  purpose_prior,           // Algorithm 2, line 1: x_T; index = image
  purpose_reverse,         // Algorithm 2, line 3: z; step = t, index = image
  purpose_validation = 9,  // the fixed validation set; index = image
  purpose_test,            // tests
};
