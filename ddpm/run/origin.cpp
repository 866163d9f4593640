// See ddpm/run/origin.h. Checked by: tests/ddpm/run/test_origin.cpp.
#include "ddpm/run/origin.h"

#include <filesystem>

#include "ddpm/run/checkpoint.h"

namespace ddpm {

void load_origin(const std::string& folder, Parameters& weights, Parameters& ema) {
  read_weights(folder, ema);
  if (std::filesystem::exists(folder + "/training/state.safetensors"))
    load_raw_weights(folder, weights);
  else
    weights.copy_from(ema);
}

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

}  // namespace ddpm
