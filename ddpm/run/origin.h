// What a session of a run begins with: its last save, or the weights of step 0, which are random or those of
// another folder, which RunOptions::from names.
// Checked by: tests/ddpm/run/test_origin.cpp, tests/ddpm/run/test_damage.cpp.
#pragma once

#include <string>

#include "ddpm/run/run_options.h"

namespace ddpm {

// Overwrites `weights` and `ema`, their moving average, with what the folder holds: the last save of a run,
// or the weights of a diffusers model, for both. Throws Error as read_weights and load_raw_weights do.
void load_origin(const std::string& folder, Parameters& weights, Parameters& ema);

constexpr int64_t no_save = -1;

// Overwrites `state` with the run's last save, or if there is none with that of step 0. Returns the step of
// the save, or no_save.
// Throws Error as load_state does; if the run has weights but no state; if its files describe another network
// or schedule than its options; and, with the run's name, if the folder to begin with cannot be read.
int64_t load_or_initialize(const std::string& run, const RunOptions& options, TrainingState& state);

}  // namespace ddpm
