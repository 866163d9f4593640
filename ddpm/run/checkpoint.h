// Saves and loads the training state. RUN/training/state.safetensors holds the raw weights, their
// moving average, Adam's moments m and v, and the step. The file is replaced atomically, so a crash
// cannot mix two steps. The average is also written to RUN/unet/, which diffusers and `sample` read.
// Checked by: tests/ddpm/run/test_resume.cpp, tests/ddpm/run/test_damage.cpp.
#pragma once

#include <string>

#include "ddpm/train.h"

namespace ddpm {

constexpr int64_t max_step = 0xfffffffe;  // of a run: train() in ddpm/train.h takes 32 bits for the next one

// Throws Error if save_state could not create the state file, for example in a write-protected folder. Writes
// nothing.
void try_to_save(const std::string& run);

// Replaces the state file, then the weights in unet/. Throws Error if the disk is full or not writable;
// the state file then holds either the old or the new state, complete. Throws Error "diverged" and writes
// nothing if a number of the state is not finite.
void save_state(const std::string& run, const TrainingState&);

// Overwrites `state` with the run's state. Returns false and changes nothing if there is no state file.
// Throws Error if the file is damaged or belongs to another network, or if Adam's moments cannot be those of
// its step; `state` is then overwritten in part.
bool load_state(const std::string& run, TrainingState& state);

// Overwrites `weights` with the run's raw weights. Throws Error as load_state does, and if there is no
// state file.
void load_raw_weights(const std::string& run, const Parameters& weights);

}  // namespace ddpm
