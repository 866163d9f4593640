// What a run begins with: random weights, or those of another folder, which RunOptions::from names.
// Checked by: tests/ddpm/run/test_origin.cpp.
#pragma once

#include <string>

#include "ddpm/run/run_options.h"

namespace ddpm {

// Overwrites `weights` and `ema`, their moving average, with what the folder holds: the last save of a run,
// or the weights of a diffusers model, for both. Throws Error as read_weights and load_raw_weights do.
void load_origin(const std::string& folder, Parameters& weights, Parameters& ema);

// Overwrites the weights and their average with those of step 0. Throws Error, which names the run, if the
// folder to begin with cannot be read.
void initialize(const std::string& run, const RunOptions& options, TrainingState& state);

}  // namespace ddpm
