// The options of a run: its network, its diffusion process and all hyperparameters of its training.
// Checked by: tests/ddpm/cli/test_train_options.cpp.
#pragma once

#include <cstdint>
#include <string>

#include "ddpm/data/batch.h"
#include "ddpm/data/dataset.h"
#include "ddpm/diffusers/model.h"
#include "ddpm/train.h"

namespace ddpm {

// The options that stay the same in all sessions of a run. To add one: add a member here or in one of
// the structs below, use it, and add a row to the table in ddpm/cli/train_table.cpp.
struct RunOptions {
  std::string preset = {};           // name of the preset that gave the values not chosen by the user
  DataSource data = {};              // data set, as for open_splits()
  std::string from = "none";         // folder whose weights the run begins with, or "none" for random ones
  std::string convolution = "auto";  // method of the 3x3 convolutions: direct, winograd or auto
  UnetConfig network = {};
  DiffusionConfig diffusion = {};
  TrainConfig train = {};
  BatchConfig batches = {};
  int64_t steps = 0;   // length of the run; 0 means that `minutes` limits it instead
  double minutes = 0;  // training time of the run; unused unless steps is 0
};

}  // namespace ddpm
