// See ddpm/data/batch.h. Checked by: tests/ddpm/data/test_data.cpp, tests/ddpm/data/test_batch.cpp.
#include "ddpm/data/batch.h"

#include "ddpm/data/image.h"
#include "ddpm/data/order.h"
#include "kernels/kernels.h"
#include "tensor/random.h"

namespace ddpm {

namespace {

// Overwrites x (H, W, C) with image `index`, scaled to [-1, 1]. Uses `pixels` (H, W, C) as scratch.
void load_image(const Dataset& data, int64_t index, bool mirror, uint8_t* pixels, real* x) {
  data.image(index, pixels);
  for (int row = 0; row < data.H; ++row)
    for (int column = 0; column < data.W; ++column) {
      const int from = mirror ? data.W - 1 - column : column;
      for (int c = 0; c < data.C; ++c)
        x[(row * data.W + column) * data.C + c] = to_unit(pixels[(row * data.W + from) * data.C + c]);
    }
}

}  // namespace

Tensor load_images(const Dataset& data, const std::vector<int64_t>& indices,
                   const std::vector<bool>& mirrored) {
  const int B = int(indices.size());
  ENSURE(mirrored.empty() || mirrored.size() == indices.size(), mirrored.size(), B);
  Tensor x({B, data.H, data.W, data.C});
  const int64_t one = x.size() / B;
  std::vector<uint8_t> pixels(size_t(x.size()));
#pragma omp parallel for num_threads(kernels::threads())
  for (int b = 0; b < B; ++b)
    load_image(data, indices[b], !mirrored.empty() && mirrored[b], &pixels[b * one], x.data() + b * one);
  return x;
}

std::function<Tensor(int64_t step)> batches(const Dataset& data, BatchConfig config, uint64_t seed) {
  return [&data, config, seed](int64_t step) {
    std::vector<int64_t> indices(config.size);
    std::vector<bool> mirrored(config.size);
    for (int j = 0; j < config.size; ++j) {
      // Departure 6: images are drawn without replacement, each exactly once per epoch.
      indices[j] = shuffled((step - 1) * config.size + j, data.size(), seed);
      const Stream coin{seed, purpose_flip, uint32_t(step), uint32_t(j)};
      mirrored[j] = config.flip && first_word(coin) >> 31;
    }
    return load_images(data, indices, mirrored);
  };
}

}  // namespace ddpm
