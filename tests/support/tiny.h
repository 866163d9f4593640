// Small U-Nets and a small data set, for tests of training and sampling.
#pragma once

#include <vector>

#include "ddpm/data/dataset.h"
#include "kernels/kernels.h"
#include "nn/unet.h"
#include "tensor/random.h"

namespace ddpm::test {

// A U-Net with two levels, 8x8 and 4x4, and attention at the second.
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
// A U-Net with one level, 4x4.
inline UnetConfig smallest_config() {
  UnetConfig config = small_config(4);
  config.multipliers = {1};
  config.attention = {false};
  return config;
}

// The network that diffusers makes where its options have their defaults, but with narrower heads.
inline UnetConfig with_library_defaults(UnetConfig config) {
  config.head_channels = 4;
  config.down_padding = 1;
  config.norm_epsilon = 1e-5;
  config.cosine_first = true;
  config.frequency_shift = 0;
  return config;
}

inline UnetConfig with_dropout(UnetConfig config) { return config.dropout = 0.1, config; }

// Adds 0.1 z to every weight. The output of a network with its first values is almost 0; afterwards it
// depends on every input.
inline void perturb(Parameters& parameters) {
  uint32_t index = 0;
  for (const Parameter& p : parameters.all()) {
    std::vector<real> z(p.value.size());
    kernels::fill_normal(p.value.size(), Stream{7, purpose_test, 0, index++}, z.data());
    for (int64_t i = 0; i < p.value.size(); ++i) p.value.data()[i] += real(0.1) * z[i];
  }
}

// Returns all weights in one row.
inline std::vector<real> weights(const Parameters& parameters) {
  std::vector<real> all;
  for (const Parameter& p : parameters.all()) {
    const std::vector<real> values = p.value.values();
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

// A data set of square images: each has a bright bar at a place of its own on black, and one grey pixel that
// tells left from right. Counts how often each image is read.
struct Bars : Dataset {
  int count;
  mutable std::vector<int> visits;  // (count); no two threads read the same image at once

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
