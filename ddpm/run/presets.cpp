// The table of presets (ddpm/run/presets.h). Checked by: tests/test_cli.cpp.
#include "ddpm/run/presets.h"

namespace ddpm {

namespace {

constexpr int no_level = -1;

UnetConfig network(int image_size, int image_channels, int channels, std::vector<int> multipliers, int blocks,
                   int attention_level, int groups, double dropout) {
  UnetConfig config;
  config.image_size = image_size;
  config.image_channels = image_channels;
  config.channels = channels;
  config.multipliers.assign(multipliers.begin(), multipliers.end());
  config.blocks = blocks;
  config.attention.assign(multipliers.size(), false);
  if (attention_level != no_level) config.attention.at(size_t(attention_level)) = true;
  config.groups = groups;
  config.dropout = dropout;
  return config;
}

}  // namespace

const std::vector<Preset>& presets() {
  // Experiments on MNIST that led to the preset `mnist`: batch 16, cosine decay, 2 cores.
  //   rate      the learning rate
  //   times     how t is drawn, see below the table
  //   images    training images seen
  //   loss      validation loss of the EMA weights
  //   sure      share of 192 samples with a confidence above 0.9 in `ddpm score` (real digits: 98 %)
  //   distance  their Frechet distance in `ddpm score` (real digits: 34)
  //
  //   network                                   rate  times     images   loss    sure  distance
  //   tiny                                      1e-3  uniform   24,000  0.0260
  //   tiny                                      1e-3  uniform   44,800  0.0239
  //   16 channels, multipliers 1,2,4            1e-3  uniform   24,000  0.0289
  //   tiny with one block                       1e-3  uniform   24,000  0.0266
  //   the same, attention in the middle only    2e-3  uniform   24,000  0.0264
  //   the same                                  3e-3  uniform   24,000  0.0264
  //   the same                                  2e-3  even      24,000  0.0261
  //   multipliers 1,2,4 (0.6 times as fast)     2e-3  even      24,000  0.0259
  //   16 channels, multipliers 1,4,4            2e-3  even      24,000  0.0272
  //   one block, attention in the middle only   2e-3  even      51,200  0.0238  62 %  68
  //   the same                                  2e-3  triangle  51,200  0.0261  71 %  51
  //   the same                                  2e-3  middle   102,400  0.0228  67 %  43
  //   the same                                  2e-3  uniform  102,400  0.0226  71 %  49   <- mnist
  //   the same, kernels that round differently  2e-3  uniform  102,400  0.0226  67 %  49
  // Values of `times`: "uniform" is line 3 of Algorithm 1. "even" spaces the t of a batch evenly.
  // "triangle" and "middle" also space t evenly, but draw the middle of 1..T more often than the ends:
  // "triangle" never draws the ends, "middle" draws them 0.6 times as often.
  // The preset uses "uniform", because no other way was clearly better at equal numbers of images:
  // between sets of 96 samples, the share varies by 3 to 12 points and the distance by 2 to 6.
  // The two choices of sigma_t^2, beta_t and beta_tilde_t, gave similar results.

  // Departure 9: tiny, mnist and digits are smaller than the paper's networks and have larger learning rates.
  // Departure 10: tiny, mnist and digits take 28x28 images and have 8 groups. tiny has attention at 14x14
  // and in the middle; mnist and digits have it in the middle only.

  // Arguments of network(): image size, image channels, channels, multipliers, blocks, level with
  // attention, groups, dropout.
  // Recipes: steps, batch, learning rate, warm-up, cosine decay, clip norm, EMA decay, flips, sigma_t^2.
  // clang-format off
  static const std::vector<Preset> table = {
      {"tiny", "28x28 grey, 1.6 M parameters",
       network(28, 1, 32, {1, 2, 2}, 2, 1, 8, 0),
       {3000, 64, 5e-4, 100, false, 1, 0.995, false, Variance::beta}},
      {"mnist", "28x28 grey: what `make mnist` trains",
       network(28, 1, 32, {1, 2, 2}, 1, no_level, 8, 0),
       {6400, 16, 2e-3, 150, true, 1, 0.995, false, Variance::posterior}},
      {"digits", "28x28 grey, mnist at half its width: what `make demo` trains",
       network(28, 1, 16, {1, 2, 2}, 1, no_level, 8, 0),
       {1500, 16, 2e-3, 30, true, 1, 0.99, false, Variance::posterior}},
      {"cifar10", "32x32 RGB: the paper's network for CIFAR-10, 35.7 M parameters",
       network(32, 3, 128, {1, 2, 2, 2}, 2, 1, 32, 0.1),
       {800000, 128, 2e-4, 5000, false, 1, 0.9999, true, Variance::beta}},
      {"lsun256", "256x256 RGB: the paper's for LSUN and CelebA-HQ, 114 M parameters; LSUN Bedroom's recipe",
       network(256, 3, 128, {1, 1, 2, 2, 4, 4}, 2, 4, 32, 0),
       {2400000, 64, 2e-5, 5000, false, 1, 0.9999, false, Variance::posterior}},
  };
  // clang-format on
  return table;
}

const Preset& find_preset(const std::string& name) {
  std::string names;
  for (const Preset& preset : presets()) {
    if (preset.name == name) return preset;
    names += (names.empty() ? "" : ", ") + preset.name;
  }
  fail("there is no preset ", name, "; choose one of ", names);
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : presets()) names.push_back(preset.name);
  return names;
}

}  // namespace ddpm
