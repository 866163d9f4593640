// UnetConfig: see unet_config.h.
#include "nn/unet_config.h"

#include <cmath>

#include "kernels/types.h"

namespace ddpm {

namespace {

template <typename Number>
void check_between(const char* what, Number value, int low, int high) {
  if (!(value >= low && value <= high)) fail(what, " must be between ", low, " and ", high, ", not ", value);
}

// Checks the options that the defaults of diffusers have otherwise. The widths have been checked.
void check_variant(const UnetConfig& c) {
  check_between("the number of channels of a head", c.head_channels, 0, 4096 * 64);
  check_between("the padding of downsampling", c.down_padding, 0, 1);
  if (!(c.norm_epsilon >= 1e-12 && c.norm_epsilon <= 1))
    fail("the epsilon of group norm must be between 1e-12 and 1, not ", c.norm_epsilon);
  check_between("the shift of the embedding's frequencies", c.frequency_shift, 0, 1);
  for (int i = 0; i < c.levels(); ++i) {
    const bool attends = c.attention[i] || i == c.levels() - 1;  // the middle always does, at the last width
    if (attends && c.head_channels && c.width(i) % c.head_channels != 0)
      fail("the ", c.width(i), " channels of level ", i, " cannot be divided into heads of ", c.head_channels,
           " channels: choose a number that divides ", c.width(i));
  }
}

}  // namespace

int UnetConfig::width(int level) const { return int(std::lround(channels * multipliers[level])); }

void UnetConfig::check() const {
  check_between("the image size", image_size, 1, 4096);
  check_between("the number of image channels", image_channels, 1, 64);
  check_between("the number of channels", channels, 4, 4096);
  if (channels % 2 != 0)
    fail("the number of channels must be even (half sines, half cosines of the time), not ", channels);
  check_between("the number of blocks a level", blocks, 1, 16);
  check_between("the number of levels (multipliers)", levels(), 1, 8);
  if (attention.size() != multipliers.size())
    fail("attention is given for ", attention.size(), " levels, but there are ", levels());
  if (!(dropout >= 0 && dropout < 1)) fail("dropout must be at least 0 and below 1, not ", dropout);
  if (groups < 1) fail("the number of groups must be at least 1, not ", groups);

  const int divisor = 1 << (levels() - 1);
  if (image_size % divisor != 0)
    fail("an image size of ", image_size, " cannot be halved ", levels() - 1,
         levels() == 2 ? " time" : " times", ": it must be divisible by ", divisor, " for ", levels(),
         " levels");
  if (multipliers[0] != 1)
    fail("the first multiplier must be 1, not ", multipliers[0], ": change the channels instead");
  for (int i = 0; i < levels(); ++i) {
    check_between("a multiplier", multipliers[i], 1, 64);
    if (std::fabs(width(i) - channels * multipliers[i]) > 1e-6)
      fail(channels, " channels times the multiplier ", multipliers[i], " is not a whole number");
    // On the way up, norm1 takes the sum of two widths: the groups divide it too.
    if (width(i) % groups != 0)
      fail("the ", width(i), " channels of level ", i, " cannot be divided into ", groups,
           " groups: choose groups that divide ", width(i));
  }
  check_variant(*this);
}

}  // namespace ddpm
