// Checks the U-Net's configuration (nn/unet_config.h): each mistake is refused in one sentence.
#include <doctest/doctest.h>

#include <cmath>

#include "nn/unet.h"

namespace ddpm::test {

TEST_CASE("unet config: one that cannot be built is refused in one sentence") {
  const auto refused = [](auto change, const char* sentence) {
    UnetConfig config;
    change(config);
    CHECK_THROWS_WITH_AS(Unet{config}, doctest::Contains(sentence), Error);
  };
  using C = UnetConfig;
  refused([](C& c) { c.image_size = 0; }, "the image size must be between 1 and 4096, not 0");
  refused([](C& c) { c.image_size = 30; }, "divisible by 4 for 3 levels");
  refused([](C& c) { c.image_channels = 0; }, "image channels must be between 1 and 64, not 0");
  refused([](C& c) { c.channels = 2; }, "between 4 and 4096, not 2");
  refused([](C& c) { c.channels = 33; }, "must be even");
  refused([](C& c) { c.channels = 1 << 30; }, "between 4 and 4096");
  refused([](C& c) { c.multipliers = {}, c.attention = {}; },
          "number of levels (multipliers) must be between 1 and 8");
  refused([](C& c) { c.multipliers = {2, 2, 2}; }, "the first multiplier must be 1, not 2");
  refused([](C& c) { c.multipliers = {1, 65, 1}; }, "a multiplier must be between 1 and 64, not 65");
  refused(
      [](C& c) {
        c.multipliers = {1, std::nan(""), 1};
      },
      "a multiplier must be between 1 and 64, not nan");
  refused(
      [](C& c) {
        c.multipliers = {1, 1.3, 1};
      },
      "32 channels times the multiplier 1.3 is not a whole number");
  refused([](C& c) { c.blocks = 17; }, "blocks a level must be between 1 and 16, not 17");
  refused([](C& c) { c.attention = {true}; }, "attention is given for 1 levels, but there are 3");
  refused([](C& c) { c.groups = 0; }, "groups must be at least 1, not 0");
  refused([](C& c) { c.groups = 5; }, "the 32 channels of level 0 cannot be divided into 5 groups");
  refused([](C& c) { c.dropout = 1; }, "dropout must be at least 0 and below 1, not 1");
  refused([](C& c) { c.dropout = std::nan(""); }, "dropout");
  refused([](C& c) { c.multipliers[2] = 1.125; },
          "the 36 channels of level 2 cannot be divided into 8 groups");
  refused([](C& c) { c.head_channels = -1; }, "channels of a head must be between 0 and 262144, not -1");
  refused(
      [](C& c) { c.head_channels = 5; },
      "the 64 channels of level 1 cannot be divided into heads of 5 channels: choose a number that divides");
  refused([](C& c) { c.head_channels = 64, c.multipliers[2] = 1, c.attention[1] = false; },
          "the 32 channels of level 2 cannot be divided into heads of 64");  // of the middle
  refused([](C& c) { c.down_padding = 2; }, "padding of downsampling must be between 0 and 1, not 2");
  refused([](C& c) { c.norm_epsilon = 0; }, "epsilon of group norm must be between 1e-12 and 1, not 0");
  refused([](C& c) { c.norm_epsilon = std::nan(""); }, "epsilon of group norm");
  refused([](C& c) { c.frequency_shift = -1; }, "frequencies must be between 0 and 1, not -1");
  UnetConfig wide_heads;  // level 0 has 32 channels, but no attention
  wide_heads.head_channels = 64;
  CHECK_NOTHROW(Unet{wide_heads});
  CHECK(wide_heads.heads(64) == 1);
  CHECK(wide_heads.heads(128) == 2);
  CHECK(UnetConfig{}.heads(64) == 1);
  UnetConfig uneven;
  uneven.multipliers = {1, 1.5, 1};
  CHECK(uneven.width(1) == 48);
  CHECK_NOTHROW(Unet{uneven});
  CHECK_NOTHROW(UnetConfig{}.check());
}

}  // namespace ddpm::test
