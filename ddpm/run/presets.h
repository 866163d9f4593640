// Presets: named networks, each with its training recipe.
// Source of cifar10 and lsun256: Section 4 and appendix B; the official code for warm-up, clip norm and
// sigma_t^2. The other presets are this project's own. Checked by: tests/test_cli.cpp.
#pragma once

#include <string>
#include <vector>

#include "ddpm/reverse.h"
#include "nn/unet.h"

namespace ddpm {

// Default training options of a preset.
struct Recipe {
  int64_t steps;
  int batch;  // images per step
  double learning_rate;
  int64_t warmup;     // steps of linear warm-up
  bool cosine;        // whether the learning rate decays to 0 along half a cosine
  double clip_norm;   // maximum global norm of the gradient, 0 for no clipping
  double ema_decay;   // per step
  bool flip;          // random horizontal flips
  Variance variance;  // sigma_t^2 in sampling
};

// A named network and its recipe. `ddpm describe` uses the image size and channels of `network`;
// `ddpm train` replaces them with those of the training data.
struct Preset {
  std::string name, about;
  UnetConfig network;
  Recipe recipe;
};

// Returns all presets.
const std::vector<Preset>& presets();
// Returns the preset with this name. Throws Error with a list of all names if there is none.
const Preset& find_preset(const std::string& name);

// Returns the names of all presets.
std::vector<std::string> preset_names();

}  // namespace ddpm
