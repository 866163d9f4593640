// See ddpm/run/trainer.h. Checked by: tests/ddpm/run/test_trainer.cpp, tests/ddpm/run/test_resume.cpp,
// tests/ddpm/run/test_damage.cpp.
#include "ddpm/run/trainer.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "ddpm/data/image.h"
#include "ddpm/formats/quote.h"
#include "ddpm/run/directory.h"
#include "ddpm/run/origin.h"
#include "ddpm/run/preflight.h"
#include "ddpm/sample.h"
#include "kernels/kernels.h"

namespace ddpm {

namespace {

constexpr int64_t validations = 20;          // maximum per run, if the number of steps is given
constexpr int64_t min_validate_every = 100;  // minimum number of steps between validations
constexpr int grid_side = 4;                 // sample grids have 4 x 4 images per network

const std::string log_header =
    "step,loss,loss_q1,loss_q2,loss_q3,loss_q4,learning_rate,gradient_norm,images,seconds";
const std::string validation_header =
    "step,raw_loss,raw_q1,raw_q2,raw_q3,raw_q4,ema_loss,ema_q1,ema_q2,ema_q3,ema_q4";

bool every(int64_t steps, int64_t step) { return steps > 0 && step % steps == 0; }

const std::string state = "training/state.safetensors";

// Throws Error unless the saved step is one of the run's and the log's last. A log without rows fits every
// step: the user may have moved the old one away.
void expect_fitting(const std::string& run, int64_t step, int64_t steps, const CsvLog& log) {
  if (steps > 0 && step > steps)
    fail(run, "/", state, ": the step is ", step, ", but the run ends at step ", steps);
  if (log.last_step() > 0 && log.last_step() != step)
    fail(run, "/log.csv has no row of step ", step, ", the step of ", state);
}

// Throws Error if a table of a run without a state has rows: complete() saves a state before the first row.
void expect_no_rows(const std::string& run, const std::string& table, const CsvLog& log) {
  if (log.found_step() > 0)
    fail(run, " has no ", state, " to go on from, though ", table, " goes on to step ", log.found_step(),
         ": put the state back, or move the table away to begin again at step 0");
}

}  // namespace

Trainer::Trainer(std::string run, const RunOptions& options, const Dataset& train_data,
                 const Dataset& test_data)
    : run_(std::move(run)), options_(options), data_(train_data),
      draw_x_0_(batches(train_data, options.batches, options.train.seed)),
      schedule_(make_schedule(options.diffusion.schedule)), network_(options.network),
      average_(options.network),
      adam_(network_.parameters(), options.train.adam), state_{network_.parameters(), average_.parameters(),
                                                               adam_},
      validation_(test_data, schedule_), saved_step_(load_or_initialize(run_, options, state_)),
      log_(run_ + "/log.csv", log_header, saved_step_),
      validation_log_(run_ + "/validation.csv", validation_header, saved_step_) {
  if (saved_step_ == no_save) expect_no_rows(run_, "log.csv", log_);
  if (saved_step_ == no_save) expect_no_rows(run_, "validation.csv", validation_log_);
  expect_fitting(run_, state_.step, options_.steps, log_);
  seconds_ = log_.last_seconds();
}

std::string Trainer::preflight(const std::string& prior_advice) const {
  const DataSummary summary = summarize(data_);
  const TrainConfig& train = options_.train;
  std::ostringstream out;
  out << data_line(data_, summary) << schedule_lines(schedule_, summary.mean_square, prior_advice)
      << "network   " << grouped(state_.weights.count()) << " parameters\n"
      << "training  ";
  if (options_.steps > 0)
    out << options_.steps << " steps";
  else
    out << options_.minutes << " minutes";
  out << " of " << options_.batches.size << " images, rate " << train.adam.learning_rate << ", EMA decay "
      << train.ema_decay << ", " << kernels::threads() << " threads\n"
      << "run       " << printable(run_);
  if (state_.step > 0) out << ", continued after step " << state_.step;
  if (log_.found_step() > state_.step)
    out << "; log.csv goes on to step " << log_.found_step() << ", but the last save is of step "
        << state_.step << ": the steps between are trained again";
  out << "\n";
  return out.str();
}

bool Trainer::finished() const {
  return options_.steps > 0 ? state_.step >= options_.steps
                            : seconds_ >= 60 * options_.minutes || state_.step == max_step;
}

End Trainer::train(const Session& session, const Reporter& reporter) {
  const int64_t validate_every = std::max(min_validate_every, options_.steps / validations);
  lock_ = session.lock;
  complete(session, reporter);
  bool interrupted = false;
  const auto stopped = [&] { return session.stop_after > 0 && state_.step >= session.stop_after; };
  const auto ended = [&] { return finished() || stopped() || (interrupted = reporter.stop()); };

  Stopwatch watch;
  TrainCallbacks callbacks;
  callbacks.after_step = [&](const StepReport& report) {
    expect_in_place();
    log_step(report, watch.seconds());
    if (every(validate_every, state_.step) || finished()) validate();
    if (every(session.save_every, state_.step)) save();
    if (every(session.sample_every, state_.step)) try_samples(reporter);
    if (reporter.progress(progress_line(), finished() || stopped())) try_flush();
    watch = {};  // so that it measures the next step alone
  };
  callbacks.converged = ended;

  explain_divergence([&] {
    if (!ended())
      ddpm::train(options_.train, schedule_, draw_x_0_, training_predictor(network_, options_.train.seed),
                  state_, callbacks);
    if (saved_step_ != state_.step) save();
  });
  return finished() ? End::finished : interrupted ? End::interrupted : End::stopped;
}

// Does the work. If the loss, the gradient or the state to be saved is not finite, adds to the error which
// step is saved.
void Trainer::explain_divergence(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    if (error.reason != "diverged") throw;
    try_flush();
    fail_for(error.reason, error.what(), "; ", run_, " keeps its last save, of step ", saved_step_);
  }
}

void Trainer::expect_in_place() const {
  if (lock_) lock_->expect_in_place();
}

// Cuts back the logs, and writes the files that a crash right after saving the state may have left out: the
// network's description, the average in unet/, and the sample grid of the state's step. Saves the state of
// step 0, so that a log with rows always has a state, and since a folder that weights come from may change.
void Trainer::complete(const Session& session, const Reporter& reporter) {
  expect_in_place();
  try_to_save(run_);
  write_network(run_, options_.network);
  write_scheduler(run_, options_.diffusion);
  log_.flush();
  validation_log_.flush();
  if (saved_step_ == no_save) save();
  if (state_.step == 0) return;
  write_weights(run_, state_.average);
  const bool has_grid = std::filesystem::exists(grid_path(run_, state_.step));
  if (every(session.sample_every, state_.step) && !has_grid) try_samples(reporter);
}

void Trainer::log_step(const StepReport& report, double seconds) {
  ++session_steps_;
  seconds_ += seconds, session_seconds_ += seconds;
  mean_loss_ += (report.mean_loss() - mean_loss_) / double(std::min<int64_t>(session_steps_, 100));
  log_.add(state_.step, text(cells(loss_by_time(report.t, report.losses, schedule_.T)), ",",
                             learning_rate(options_.train.adam, state_.step), ",", report.grad_norm, ",",
                             state_.step * options_.batches.size, ",", seconds_));
}

void Trainer::validate() {
  validation_log_.add(state_.step,
                      cells(validation_.loss(network_)) + "," + cells(validation_.loss(average_)));
}

void Trainer::save() {
  expect_in_place();
  // The logs come first: on resume, rows above the state's step are cut, but missing rows stay missing.
  try {
    log_.flush();
    log_.sync();
    validation_log_.flush();
    save_state(run_, state_);
  } catch (const Error& error) {
    if (error.reason == "diverged") throw;
    fail_for("save failed", error.what(), "; the save of step ", state_.step, " failed",
             saved_step_ != no_save ? text(", that of step ", saved_step_, " is kept") : "");
  }
  saved_step_ = state_.step;
}

// Failing to write the log or a sample grid does not stop training. A persistent disk error surfaces
// at the next save.
void Trainer::try_flush() {
  try {
    log_.flush();
  } catch (const Error&) {
  }
}

void Trainer::try_samples(const Reporter& reporter) {
  try {
    draw_samples(reporter);
  } catch (const Error& error) {
    reporter.warn(text("no samples at step ", state_.step, ": ", error.what()));
  }
}

// Draws 16 samples from the raw weights and, to their right, 16 from the average with the same noise.
void Trainer::draw_samples(const Reporter& reporter) {
  const UnetConfig& config = options_.network;
  const int n = grid_side * grid_side;
  const Shape image{config.image_size, config.image_size, config.image_channels};
  const auto keep_on = [&](int, const Tensor&, const Tensor&) { return !reporter.stop(); };
  const auto draw = [&](const Unet& network) {
    return sample(noise_predictor(network), image, schedule_, options_.diffusion.reverse, options_.train.seed,
                  0, n, keep_on);
  };
  const Tensor raw = draw(network_), ema = raw ? draw(average_) : Tensor{};
  if (!ema) return;
  std::vector<real> images;
  const int64_t row = raw.size() / grid_side;
  for (int64_t i = 0; i < grid_side; ++i)
    for (const Tensor& side : {raw, ema})
      images.insert(images.end(), side.data() + i * row, side.data() + (i + 1) * row);
  std::error_code ignored;  // write_grid reports a missing folder
  std::filesystem::create_directories(run_ + "/samples", ignored);
  write_grid(grid_path(run_, state_.step), images.data(), 2 * n, config.image_size, config.image_size,
             config.image_channels, 2 * grid_side);
}

std::string Trainer::progress_line() const {
  const double rate = double(session_steps_) / session_seconds_;
  const double left = options_.steps > 0 ? double(options_.steps - state_.step) / rate
                                         : std::max(0.0, 60 * options_.minutes - seconds_);
  std::ostringstream line;
  line << "step " << state_.step;
  if (options_.steps > 0) line << "/" << options_.steps;
  line.precision(4);
  line << std::fixed << "  loss " << mean_loss_;
  line.precision(0);
  line << "  " << rate * options_.batches.size << " images/s  " << clock_text(seconds_) << " elapsed  "
       << clock_text(left) << " left";
  return line.str();
}

}  // namespace ddpm
