// See ddpm/run/origin.h. Checked by: tests/ddpm/run/test_origin.cpp, tests/ddpm/run/test_damage.cpp.
#include "ddpm/run/origin.h"

#include <filesystem>

#include "ddpm/run/checkpoint.h"

namespace ddpm {

namespace {

// Throws Error if the run's unet/ describes another network than its options, which the weights may fit all
// the same.
void expect_same_network(const std::string& run, const RunOptions& options) {
  const UnetConfig before = read_network(run);
  const int size = options.network.image_size, old_size = before.image_size;
  if (size != old_size)
    fail(run, " was made for images of ", old_size, "x", old_size, ", but the data now hold ", size, "x",
         size);
  if (network_text(before) != network_text(options.network))
    fail(run, "/unet/config.json describes another network than training/options.json: one is damaged");
}

// The same for scheduler/: its betas and sigma_t^2.
void expect_same_scheduler(const std::string& run, const RunOptions& options) {
  const DiffusionConfig before = read_scheduler(run), &now = options.diffusion;
  const std::string file = run + "/scheduler/scheduler_config.json";
  if (make_schedule(before.schedule).beta != make_schedule(now.schedule).beta)
    fail(file, " has another schedule than training/options.json: one is damaged");
  if (before.reverse.variance != now.reverse.variance)
    fail(file, " has another variance than training/options.json: one is damaged");
}

// A file that is missing is written again by the next save.
void expect_same(const std::string& run, const RunOptions& options) {
  if (std::filesystem::exists(run + "/unet/config.json")) expect_same_network(run, options);
  if (std::filesystem::exists(run + "/scheduler/scheduler_config.json")) expect_same_scheduler(run, options);
}

// Overwrites the weights and their average with those of step 0. Throws Error, which names the run, if the
// folder to begin with cannot be read.
void initialize(const std::string& run, const RunOptions& options, TrainingState& state) {
  if (options.from == "none") {
    state.weights.initialize(options.train.seed);
    state.average.copy_from(state.weights);  // as in the official code
    return;
  }
  try {
    load_origin(options.from, state.weights, state.average);
  } catch (const Error& error) {
    fail(run, " has no save yet, and what it begins with cannot be read: ", error.what());
  }
}

}  // namespace

void load_origin(const std::string& folder, Parameters& weights, Parameters& ema) {
  read_weights(folder, ema);
  if (std::filesystem::exists(folder + "/training/state.safetensors"))
    load_raw_weights(folder, weights);
  else
    weights.copy_from(ema);
}

int64_t load_or_initialize(const std::string& run, const RunOptions& options, TrainingState& state) {
  if (load_state(run, state)) {
    expect_same(run, options);
    return state.step;
  }
  if (std::filesystem::exists(run + "/unet/diffusion_pytorch_model.safetensors"))
    fail_for("weights without state", run, " has weights but no training/state.safetensors to go on from");
  initialize(run, options, state);
  return no_save;
}

}  // namespace ddpm
