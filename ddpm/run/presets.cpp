// The table of presets (ddpm/run/presets.h).
// Checked by: tests/ddpm/run/test_presets.cpp, tests/project/test_numbers.cpp.
#include "ddpm/run/presets.h"

namespace ddpm {

const std::vector<RunOptions>& presets() {
  // Departure 9: tiny, mnist and digits are smaller than the paper's networks and have larger learning rates.
  // Departure 10: tiny, mnist and digits take 28x28 images and have 8 groups. tiny has attention at 14x14
  // and in the middle; mnist and digits have it in the middle only.

  // Options that a preset does not name have their defaults, which are the paper's or the official code's:
  // T, beta_1, beta_T, clip_norm, the betas of Adam.
  static const std::vector<RunOptions> table = {
      // 28x28 grey, 1.6 M parameters.
      {.preset = "tiny",
       .network = {.image_size = 28,
                   .image_channels = 1,
                   .channels = 32,
                   .multipliers = {1, 2, 2},
                   .blocks = 2,
                   .attention = {false, true, false},
                   .groups = 8,
                   .dropout = 0},
       .diffusion = {.reverse = {.variance = Variance::beta}},
       .train = {.ema_decay = 0.995, .adam = {.learning_rate = 5e-4, .warmup = 100}},
       .batches = {.size = 64},
       .steps = 3000},

      // 28x28 grey: what `make mnist` trains.
      {.preset = "mnist",
       .network = {.image_size = 28,
                   .image_channels = 1,
                   .channels = 32,
                   .multipliers = {1, 2, 2},
                   .blocks = 1,
                   .attention = {false, false, false},
                   .groups = 8,
                   .dropout = 0},
       .diffusion = {.reverse = {.variance = Variance::posterior}},
       .train = {.ema_decay = 0.995, .adam = {.learning_rate = 2e-3, .warmup = 150, .cosine = true}},
       .batches = {.size = 16},
       .steps = 6400},

      // 28x28 grey, mnist at half its width: what `make demo` trains.
      {.preset = "digits",
       .network = {.image_size = 28,
                   .image_channels = 1,
                   .channels = 16,
                   .multipliers = {1, 2, 2},
                   .blocks = 1,
                   .attention = {false, false, false},
                   .groups = 8,
                   .dropout = 0},
       .diffusion = {.reverse = {.variance = Variance::posterior}},
       .train = {.ema_decay = 0.99, .adam = {.learning_rate = 2e-3, .warmup = 30, .cosine = true}},
       .batches = {.size = 16},
       .steps = 1500},

      // 32x32 RGB: the paper's network for CIFAR-10, 35.7 M parameters.
      {.preset = "cifar10",
       .network = {.image_size = 32,
                   .image_channels = 3,
                   .channels = 128,
                   .multipliers = {1, 2, 2, 2},
                   .blocks = 2,
                   .attention = {false, true, false, false},
                   .groups = 32,
                   .dropout = 0.1},
       .diffusion = {.reverse = {.variance = Variance::beta}},
       .train = {.ema_decay = 0.9999, .adam = {.learning_rate = 2e-4, .warmup = 5000}},
       .batches = {.size = 128, .flip = true},
       .steps = 800'000},

      // 256x256 RGB: the paper's network for LSUN and CelebA-HQ, 114 M parameters; LSUN Bedroom's recipe.
      {.preset = "lsun256",
       .network = {.image_size = 256,
                   .image_channels = 3,
                   .channels = 128,
                   .multipliers = {1, 1, 2, 2, 4, 4},
                   .blocks = 2,
                   .attention = {false, false, false, false, true, false},
                   .groups = 32,
                   .dropout = 0},
       .diffusion = {.reverse = {.variance = Variance::posterior}},
       .train = {.ema_decay = 0.9999, .adam = {.learning_rate = 2e-5, .warmup = 5000}},
       .batches = {.size = 64},
       .steps = 2'400'000},
  };
  return table;
}

const RunOptions& find_preset(const std::string& name) {
  for (const RunOptions& run : presets())
    if (run.preset == name) return run;
  fail("there is no preset ", name, "; choose one of ", preset_list());
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const RunOptions& run : presets()) names.push_back(run.preset);
  return names;
}

std::string preset_list() {
  std::string list;
  for (const std::string& name : preset_names()) list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace ddpm
