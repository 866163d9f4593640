// A network and a dataset that are as small as they can be, for the tests of
// Algorithm 1 and Algorithm 2.
#pragma once

#include <vector>

#include "ddpm/data/dataset.h"
#include "kernels/kernels.h"
#include "nn/unet.h"
#include "tensor/random.h"

namespace ddpm::test {

// Two levels, 8×8 and 4×4, attention at the second; and a single level of 4×4.
inline UnetConfig small_config(int image_size = 8) {
  UnetConfig config;
  config.image_size = image_size;
  config.channels = 8;
  config.multipliers = {1, 2};
  config.blocks = 1;
  config.attention = {false, true};
  config.groups = 4;
  return config;
}
inline UnetConfig smallest_config() {
  UnetConfig config = small_config(4);
  config.multipliers = {1};
  config.attention = {false};
  return config;
}

// A fresh network answers almost 0. This adds 0.1 z to every weight, so that
// its answer depends on everything it is given.
inline void perturb(Parameters& parameters) {
  uint32_t index = 0;
  for (const Parameter& p : parameters.all()) {
    std::vector<real> z(p.value.size());
    kernels::fill_normal(p.value.size(), Stream{7, purpose_test, 0, index++}, z.data());
    for (int64_t i = 0; i < p.value.size(); ++i) p.value.data()[i] += real(0.1) * z[i];
  }
}

// All weights in one row, to compare bit by bit.
inline std::vector<real> weights(const Parameters& parameters) {
  std::vector<real> all;
  for (const Parameter& p : parameters.all()) {
    const std::vector<real> values = p.value.values();
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

// count square images, each a bright bar on black in a place of its own, and
// one grey pixel that tells left from right. Says how often each was asked for.
struct Bars : Dataset {
  int count;
  mutable std::vector<int> visits;  // one image is never asked for by two threads at once

  Bars(int count, int image_size) : count(count), visits(count) { H = W = image_size, C = 1; }
  int64_t size() const override { return count; }
  void image(int64_t index, uint8_t* pixels) const override {
    ++visits.at(index);
    for (int i = 0; i < H * W; ++i) pixels[i] = 0;
    const int line = int(index) % H;
    for (int i = 0; i < H; ++i) pixels[index / H % 2 ? i * W + line : line * W + i] = 255;
    pixels[0] = uint8_t(90 + index % 100);
  }
  int label(int64_t index) const override { return int(index % 10); }
};

}  // namespace ddpm::test
