// Training a run from where it is to its end: Algorithm 1's loop, with saves,
// logs, validation and sample grids around it.
// Checked by: tests/test_trainer.cpp, tests/test_run.cpp.
#pragma once

#include <string>

#include "ddpm/run/checkpoint.h"
#include "ddpm/run/diffusers.h"
#include "ddpm/run/log.h"
#include "ddpm/run/progress.h"
#include "ddpm/run/validation.h"
#include "ddpm/train.h"

// What fixes a run, from its first step to its last.
struct RunOptions {
  UnetConfig network;
  Scheduler scheduler;
  TrainConfig train;
  int64_t steps = 0;   // in all; 0: until the minutes are over
  double minutes = 0;  // of training in all; read if steps is 0
};

// What may differ each time. 0 turns each of them off.
struct Session {
  int64_t stop_after = 0;    // end early, after this step
  int64_t save_every = 0;    // steps; the end is always saved
  int64_t sample_every = 0;  // steps
};

class Trainer {
 public:
  // Makes the network and loads the run's state, if it has one; opens the logs. Errors:
  // a damaged state or log. The folder exists and is locked by the caller; data and
  // console must outlive the trainer.
  Trainer(std::string run, const RunOptions&, const Dataset& train_data, const Dataset& test_data,
          const Console&);

  // Prints what a careful person checks at the start.
  void print_checks() const;

  // Completes the last save, trains and saves. Errors: a loss that is not finite, a
  // full disk; the last saved state stays. Throws Interrupted, after saving, on Ctrl-C or SIGTERM.
  void train(const Session&);

 private:
  bool finished() const;
  void complete(const Session&);
  void one_step();
  void validate();
  void save();
  void try_flush();
  void try_samples();
  void draw_samples();
  std::string progress_line() const;

  std::string run_;
  RunOptions options_;
  const Dataset& data_;
  const Console& console_;
  Schedule schedule_;
  Unet network_, average_;
  Adam adam_;
  TrainingState state_;
  Validation validation_;
  int64_t saved_step_;  // 0: not yet
  CsvLog log_, validation_log_;
  double seconds_ = 0;          // of training, since step 0
  double session_seconds_ = 0;  // of training, since this program started
  int64_t session_steps_ = 0;
  double mean_loss_ = 0;        // a running mean, for the progress line
};
