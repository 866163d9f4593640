// Presets: named networks with the recipe that trains them.
// Source: Section 4 and appendix B for cifar10 and lsun256; the others are ours.
// Checked by: tests/test_cli.cpp.
#pragma once

#include <string>
#include <vector>

#include "ddpm/reverse.h"
#include "nn/unet.h"

namespace ddpm {

// How a network is trained, unless options say otherwise.
struct Recipe {
  int64_t steps;
  int batch;
  double learning_rate;
  int64_t warmup;    // steps of linear warm-up
  bool cosine;       // decay of the learning rate to 0 at the last step
  double clip_norm;  // 0 for none
  double ema_decay;
  bool flip;          // random horizontal flips
  Variance variance;  // σ_t² of its samples
};

// The image size and channels of `network` are those of the data it was made
// for; training takes them from its own data, `describe` from here.
struct Preset {
  std::string name, about;
  UnetConfig network;
  Recipe recipe;
};

const std::vector<Preset>& presets();
// Throws Error, which lists the names there are.
const Preset& find_preset(const std::string& name);

std::vector<std::string> preset_names();

}  // namespace ddpm
