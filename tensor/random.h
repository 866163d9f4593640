// What random numbers are for. A Stream's purpose keeps the uses apart: the
// noise of training is never the noise of sampling, whatever the seed.
// Every stream is keyed by (seed, purpose, step, index): no state, no global
// generator, no clock. Checked by: tests/test_random.cpp.
#pragma once

#include "kernels/kernels.h"

namespace ddpm {

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

// The stream's first word, uniform on 0..2³² − 1 (kernels.h): for a single draw.
inline uint32_t first_word(Stream stream) {
  const uint32_t counter[4] = {0, stream.index, stream.step, stream.purpose};
  const uint32_t key[2] = {uint32_t(stream.seed), uint32_t(stream.seed >> 32)};
  uint32_t words[4];
  kernels::philox4x32(counter, key, words);
  return words[0];
}

}  // namespace ddpm
