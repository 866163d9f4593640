// The purposes of random numbers. Training's noise is never sampling's noise, whatever the seed, because
// every use has a purpose of its own.
// A stream is selected by (seed, purpose, step, index): no state, no global generator, no clock.
// Two uses select Philox blocks without a Purpose: ddpm/data/order.cpp (the order of an epoch; its key
// contains the seed and "shuf") and ddpm/data/builtin_digits.cpp (the digits; its key is "digi" and the
// split, without the run's seed).
// Checked by: tests/kernels/test_random.cpp.
#pragma once

#include "kernels/kernels.h"

namespace ddpm {

// Each comment says what the stream's step and index are. One that it does not name is 0. Changing a
// value changes the random numbers of every run.
enum Purpose : uint32_t {
  purpose_init = 1,        // initial values of a parameter; index = the parameter's position
  purpose_time = 2,        // t, Algorithm 1, line 3; step, index = image
  purpose_noise = 3,       // eps, Algorithm 1, line 4; step, index = image
  purpose_dropout = 4,     // step, index = layer
  purpose_flip = 5,        // whether an image is mirrored; step, index = image
  purpose_prior = 6,       // x_T, Algorithm 2, line 1; index = image
  purpose_reverse = 7,     // z, Algorithm 2, line 3; step = t, index = image
                           // 8 is not used
  purpose_validation = 9,  // eps of the validation set; index = image
  purpose_test = 10,       // tests
};

// Returns the first word of the stream, uniform on 0..2^32 - 1 (kernels.h): for a single draw.
inline uint32_t first_word(Stream stream) {
  const uint32_t counter[4] = {0, stream.index, stream.step, stream.purpose};
  const uint32_t key[2] = {uint32_t(stream.seed), uint32_t(stream.seed >> 32)};
  uint32_t words[4];
  kernels::philox4x32(counter, key, words);
  return words[0];
}

}  // namespace ddpm
