// ddpm/data/batch.cpp: each step gets the next images of the epoch in its order, scaled to [-1, 1], half
// of them mirrored if `flip` is set. The order itself: tests/ddpm/data/test_order.cpp.
#include "ddpm/data/batch.h"

#include <doctest/doctest.h>

#include "ddpm/data/image.h"
#include "ddpm/data/order.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

TEST_CASE("batch: images are those of the epoch's order, scaled to [-1, 1] and mirrored by their own coin") {
  const Bars data(20, 8);
  for (bool flip : {false, true}) {
    int mirrored = 0;
    for (int64_t step = 1; step <= 4; ++step) {
      const Tensor x = batches(data, {.size = 6, .flip = flip}, 5)(step);
      REQUIRE(x.shape() == Shape{6, 8, 8, 1});
      for (uint32_t j = 0; j < 6; ++j) {
        std::vector<uint8_t> pixels(64);
        data.image(shuffled((step - 1) * 6 + j, 20, 5), pixels.data());
        const bool mirror = flip && first_word({5, purpose_flip, uint32_t(step), j}) >= 0x80000000u;
        mirrored += mirror;
        for (int i = 0; i < 64; ++i) {
          const int from = mirror ? i / 8 * 8 + 7 - i % 8 : i;
          CHECK(x.data()[64 * j + i] == to_unit(pixels[from]));
        }
      }
    }
    CHECK(flip == (0 < mirrored && mirrored < 24));
  }
}

TEST_CASE("batch: an epoch reads every image once, also if the batch does not divide it") {
  const auto visits = [](int images, int size, int64_t steps) {
    const Bars data(images, 4);
    for (int64_t step = 1; step <= steps; ++step) batches(data, {.size = size}, 5)(step);
    return data.visits;
  };
  CHECK(visits(20, 5, 4) == std::vector<int>(20, 1));
  CHECK(visits(7, 3, 7) == std::vector<int>(7, 3));
}

}  // namespace ddpm::test
