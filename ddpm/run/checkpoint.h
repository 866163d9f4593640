// The training state: RUN/training/state.safetensors holds the raw weights,
// their moving average, Adam's m and v, and the step, in one file that is
// replaced atomically, so that no crash can mix two steps. Beside it the
// average goes to RUN/unet/, where diffusers and `sample` read it.
// Checked by: tests/test_run.cpp.
#pragma once

#include <string>

#include "nn/optimizer.h"

namespace ddpm {

// All that a training step changes.
struct TrainingState {
  Parameters& weights;
  Parameters& average;
  Adam& adam;
  int64_t step = 0;  // how many steps were made
};

// Replaces the run's state, then the weights in unet/. Errors: a full disk and
// the like; the state on the disk is then the old one or the new one, whole.
void save_state(const std::string& run, const TrainingState&);

// Overwrites `state` with the run's. Returns false, and changes nothing, if
// the run has none yet. Errors: a damaged state or one of another network.
bool load_state(const std::string& run, TrainingState& state);

// Overwrites the weights with the run's raw ones. Errors: as load_state; no state.
void load_raw_weights(const std::string& run, const Parameters& weights);

}  // namespace ddpm
