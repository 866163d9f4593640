// Configuration of the U-Net: image size, widths of the levels, attention, dropout.
// Source: Section 4 and appendix B. Checked by: tests/nn/test_unet_config.cpp.
#pragma once

#include <vector>

namespace ddpm {

// What fixes a U-Net. The defaults are the preset `tiny`.
struct UnetConfig {
  int image_size = 28, image_channels = 1;      // images are square
  int channels = 32;                            // ch, the width of level 0
  std::vector<double> multipliers = {1, 2, 2};  // width of each level in units of ch
  int blocks = 2;                               // residual blocks per level: down `blocks`, up one more
  std::vector<bool> attention = {false, true, false};  // whether each level has attention
  int groups = 8;                                      // of every group norm
  double dropout = 0;                                  // rate in every residual block

  // What the defaults of the library diffusers have otherwise (8, 1, 1e-5, true, 0). These are the paper's,
  // or the official code's where the paper does not say.
  int head_channels = 0;  // channels of a head of attention; 0: one head of all channels
  int down_padding = 0;   // zeros above and left of a downsampling convolution's input: 0, or 1 (symmetric)
  double norm_epsilon = 1e-6;  // added to the variance in every group norm
  bool cosine_first = false;   // whether the embedding of time has its cosines before its sines
  int frequency_shift = 1;     // s in the embedding's frequencies 10000^(-i / (ch/2 - s)): 0 or 1

  // Returns the number of resolutions.
  int levels() const { return int(multipliers.size()); }
  // Returns the height and width of the images of a level, in pixels.
  int resolution(int level) const { return image_size >> level; }
  // Returns the number of channels of a level, ch * multipliers[level].
  int width(int level) const;
  // Returns the number of heads of an attention block of `channels` channels.
  int heads(int channels) const { return head_channels ? channels / head_channels : 1; }
  // Throws Error with one sentence if this network cannot be built: a size is out of range, the first
  // multiplier is not 1, a width is not a whole number, 2^(levels - 1) does not divide the image size,
  // the groups do not divide a width, or a head's channels do not divide a width with attention.
  void check() const;
};

}  // namespace ddpm
