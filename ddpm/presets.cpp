// The table of presets (ddpm/presets.h). Checked by: tests/test_cli.cpp.
#include "ddpm/presets.h"

namespace {

UnetConfig network(int image_size, int image_channels, int channels, std::vector<int> multipliers,
                   size_t attention_level, int groups, double dropout) {
  UnetConfig config;
  config.image_size = image_size;
  config.image_channels = image_channels;
  config.channels = channels;
  config.multipliers.assign(multipliers.begin(), multipliers.end());
  config.attention.assign(multipliers.size(), false);
  config.attention.at(attention_level) = true;
  config.groups = groups;
  config.dropout = dropout;
  return config;
}

}  // namespace

const std::vector<Preset>& presets() {
  // Departure 9: tiny, mnist and digits are smaller and learn faster than the paper's networks.
  // Departure 10: they take 28x28 images, 8 groups and attention at 14x14.
  // Networks: image size, its channels; ch, multipliers, level with attention, groups, dropout.
  // Recipes: steps, batch, learning rate, warm-up, cosine decay, clip norm, EMA decay, flips.
  static const std::vector<Preset> table = {
      {"tiny", "28x28 grey, 1.6 M parameters; all measurements are made on it",
       network(28, 1, 32, {1, 2, 2}, 1, 8, 0), {3000, 64, 5e-4, 100, false, 1, 0.995, false}},
      {"mnist", "28x28 grey: what `make mnist` trains",
       network(28, 1, 32, {1, 2, 2}, 1, 8, 0), {2800, 16, 1e-3, 150, true, 1, 0.99, false}},
      {"digits", "28x28 grey, a quarter of tiny: what `make demo` trains",
       network(28, 1, 16, {1, 2, 2}, 1, 8, 0), {700, 16, 2e-3, 30, true, 1, 0.98, false}},
      {"cifar10", "32x32 RGB: the paper's network for CIFAR-10, 35.7 M parameters",
       network(32, 3, 128, {1, 2, 2, 2}, 1, 32, 0.1), {800000, 128, 2e-4, 5000, false, 1, 0.9999, true}},
      {"lsun256", "256x256 RGB: the paper's network for LSUN and CelebA-HQ, 114 M parameters",
       network(256, 3, 128, {1, 1, 2, 2, 4, 4}, 4, 32, 0), {2400000, 64, 2e-5, 5000, false, 1, 0.9999, true}},
  };
  return table;
}

const Preset& find_preset(const std::string& name) {
  std::string names;
  for (const Preset& preset : presets()) {
    if (preset.name == name) return preset;
    names += (names.empty() ? "" : ", ") + preset.name;
  }
  throw UsageError(text("--preset ", name, ": there is no such preset; choose one of ", names));
}
