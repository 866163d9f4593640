// Checks the memory estimate (nn/memory.h) against the peak of real training steps and predictions.
#include <doctest/doctest.h>

#include "ddpm/data/batch.h"
#include "ddpm/train.h"
#include "nn/memory.h"
#include "tensor/pool.h"
#include "tests/support/near.h"
#include "tests/support/scratch.h"
#include "tests/support/steps.h"

namespace ddpm::test {

namespace {

// Returns the peak of the bytes that f adds to those in use now. The pool knows only the peak of the whole
// process: this function first allocates as much as is missing to that peak, without writing to it.
template <typename F>
double peak_of(F f) {
  const PoolUse before = pool_use();
  const int64_t missing = (before.peak_bytes - before.live_bytes) / int64_t(sizeof(real));
  const std::shared_ptr<real[]> ballast = missing > 0 ? pool_allocate(missing) : nullptr;
  const int64_t start = pool_use().live_bytes;
  REQUIRE(start >= before.peak_bytes - 64);
  f();
  return double(pool_use().peak_bytes - start);
}

struct Grey : Dataset {
  explicit Grey(const UnetConfig& c) { H = W = c.image_size, C = c.image_channels; }
  int64_t size() const override { return 1000; }
  void image(int64_t index, uint8_t* pixels) const override {
    std::fill_n(pixels, H * W * C, uint8_t(index));
  }
  int label(int64_t) const override { return 0; }
};

// Returns the peaks of one training step and of one prediction of the noise, weights included.
MemoryEstimate measured(const UnetConfig& config, int batch) {
  MemoryEstimate m{};
  m.training = peak_of([&] {
    Unet network(config), average(config);
    network.parameters().initialize(1);
    average.parameters().copy_from(network.parameters());
    const Grey grey(config);
    const TrainConfig train;
    Adam adam(network.parameters(), train.adam);
    one_step(train, make_schedule({}), batches(grey, {.size = batch}, 0), 1, network, adam,
             average.parameters());
  });
  m.sampling = peak_of([&] {
    Unet network(config);
    network.parameters().initialize(1);
    Tape off(Tape::off);
    const Tensor x = Tensor::zeros({batch, config.image_size, config.image_size, config.image_channels});
    predict(noise_predictor(network), x, 500);
  });
  pool_trim();
  return m;
}

}  // namespace

TEST_CASE("memory: the estimate is within 2 % of the peak of real steps") {
  const UnetConfig tiny;
  // Has four levels, colour images and dropout. At batch 2 its weights are as large as its activations.
  const UnetConfig deep{32, 3, 32, {1, 2, 2, 2}, 1, {false, true, false, false}, 8, 0.1};
  const UnetConfig flat{16, 1, 16, {1}, 3, {true}, 4, 0};
  UnetConfig narrow_heads = flat;  // of one channel: their row_max and inv_row_sum count most
  narrow_heads.head_channels = 1;
  for (const UnetConfig& config : {tiny, deep, flat, narrow_heads})
    for (const int batch : {2, 8}) {
      INFO(config.channels, " channels, ", config.levels(), " levels, batch ", batch);
      const MemoryEstimate want = measured(config, batch), got = estimate_memory(Unet(config), batch);
      INFO("training ", got.training, " estimated, ", want.training, " measured; sampling ", got.sampling,
           " estimated, ", want.sampling, " measured");
      CHECK(near(got.training, want.training, 0, 0.02));
      CHECK(near(got.sampling, want.sampling, 0, 0.02));
      CHECK(got.activations < got.training);
      CHECK(got.weights == double(Unet(config).parameters().count()) * sizeof(real));
    }
}

}  // namespace ddpm::test
