// Trains a run: supplies the callbacks of Algorithm 1 (ddpm/train.h), which log, validate, save and
// draw sample grids after each step.
// Checked by: tests/ddpm/run/test_trainer.cpp, tests/ddpm/run/test_resume.cpp,
// tests/ddpm/run/test_damage.cpp.
#pragma once

#include <functional>
#include <string>

#include "ddpm/run/checkpoint.h"
#include "ddpm/run/directory.h"
#include "ddpm/run/log.h"
#include "ddpm/run/reporter.h"
#include "ddpm/run/run_options.h"
#include "ddpm/run/validation.h"

namespace ddpm {

// The options that may differ between sessions of one run. 0 disables each of them.
struct Session {
  int64_t stop_after = 0;         // the step after which the session ends early
  int64_t save_every = 0;         // steps between saves; the end of a session is always saved
  int64_t sample_every = 0;       // steps between sample grids
  const RunLock* lock = nullptr;  // of the run, which is asked before each write; must outlive train()
};

// The reason why Trainer::train returned.
enum class End { finished, stopped, interrupted };

class Trainer {
 public:
  // Makes the network, and reads the run's state and logs if there are any; writes nothing. The caller has
  // made and locked the folder. The data must outlive the trainer. Throws Error if the state or a log is
  // damaged, or if they do not belong together, as a log with rows and no state.
  Trainer(std::string run, const RunOptions&, const Dataset& train_data, const Dataset& test_data);

  // Returns a report on the data, schedule, network and run, to be printed before training. It says if rows
  // of the log are to be cut, because they go on after the last save.
  std::string preflight(const std::string& prior_advice) const;

  // Trains until the run is finished, stop_after is reached or the reporter says stop, then saves.
  // First writes any file that an interrupted save left out. Throws Error if the loss or a weight is not
  // finite, or if the disk is full; the last saved state is kept.
  End train(const Session&, const Reporter& = {});

  int64_t step() const { return state_.step; }
  double seconds() const { return seconds_; }  // training time since step 0

 private:
  bool finished() const;
  void expect_in_place() const;
  void complete(const Session&, const Reporter&);
  void explain_divergence(const std::function<void()>& work);
  void log_step(const StepReport&, double seconds);
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
  int64_t saved_step_;             // or no_save
  const RunLock* lock_ = nullptr;  // the session's
  CsvLog log_, validation_log_;
  double seconds_ = 0;
  double session_seconds_ = 0;  // training time of this session
  int64_t session_steps_ = 0;
  double mean_loss_ = 0;  // running mean of the loss, for the progress line
};

}  // namespace ddpm
