// Training a run from where it is to its end: Algorithm 1's loop, with saves,
// logs, validation and sample grids around it.
// Checked by: tests/test_trainer.cpp, tests/test_run.cpp.
#pragma once

#include <string>

#include "ddpm/data/batch.h"
#include "ddpm/run/checkpoint.h"
#include "ddpm/diffusers/model.h"
#include "ddpm/run/log.h"
#include "ddpm/run/reporter.h"
#include "ddpm/run/validation.h"
#include "ddpm/train.h"

namespace ddpm {

// What fixes a run, from its first step to its last.
struct RunOptions {
  UnetConfig network;
  DiffusionConfig diffusion;
  TrainConfig train;
  BatchConfig batches;
  int64_t steps = 0;   // in all; 0: until the minutes are over
  double minutes = 0;  // of training in all; read if steps is 0
};

// What may differ each time. 0 turns each of them off.
struct Session {
  int64_t stop_after = 0;    // end early, after this step
  int64_t save_every = 0;    // steps; the end is always saved
  int64_t sample_every = 0;  // steps
};

// Why a session of training ended.
enum class End { finished, stopped, interrupted };

class Trainer {
 public:
  // Makes the network and loads the run's state, if it has one; opens the logs. Errors:
  // a damaged state or log. The folder exists and is locked by the caller; data must
  // outlive the trainer.
  Trainer(std::string run, const RunOptions&, const Dataset& train_data, const Dataset& test_data);

  // Lines on the data, schedule, network and run (ddpm/run/preflight.h), for the start.
  std::string preflight(const std::string& prior_advice) const;

  // Completes the last save, trains and saves. Errors: a loss that is not finite, a
  // full disk; the last saved state stays. Ends when the run is finished, after
  // stop_after, or when the reporter says stop; everything is saved then.
  End train(const Session&, const Reporter& = {});

  int64_t step() const { return state_.step; }
  double seconds() const { return seconds_; }  // of training, since step 0

 private:
  bool finished() const;
  void complete(const Session&, const Reporter&);
  void one_step();
  void validate();
  void save();
  void try_flush();
  void try_samples(const Reporter&);
  void draw_samples(const Reporter&);
  std::string progress_line() const;

  std::string run_;
  RunOptions options_;
  const Dataset& data_;
  const DrawImages draw_x_0_;
  Schedule schedule_;
  Unet network_, average_;
  Adam adam_;
  TrainingState state_;
  Validation validation_;
  int64_t saved_step_;  // 0: not yet
  CsvLog log_, validation_log_;
  double seconds_ = 0;
  double session_seconds_ = 0;  // of training, since this program started
  int64_t session_steps_ = 0;
  double mean_loss_ = 0;  // a running mean, for the progress line
};

}  // namespace ddpm
