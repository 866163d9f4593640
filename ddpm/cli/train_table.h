// The table of the options of `ddpm train`. Run options are bound to RunOptions (ddpm/run/run_options.h):
// they are fixed when the run is created, and saved in its options.json. Session options may differ each
// time the run is resumed. Checked by: tests/ddpm/cli/test_train_options.cpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ddpm/cli/options.h"
#include "ddpm/run/run_options.h"

namespace ddpm {

// Converts between an option and the settings of a run.
struct Binding {
  // Returns the run's value as text, as it would be given on the command line. Returns "" if the run
  // has no value.
  std::function<std::string(const RunOptions& run)> get;
  // Overwrites the run's value with that of option `name`, which must have one. Throws UsageError if
  // the value does not suit the run.
  std::function<void(RunOptions& run, const Options& options, const std::string& name)> set;
};

struct TrainOption {
  Option option;
  Binding binding = {};        // empty for a session option
  std::string old_value = "";  // what runs from before this option have; "" if the first runs had it

  bool is_run_option() const { return binding.set != nullptr; }
};

// Returns all options in the order of the help text. The settings of a run are set in this order, after
// the size of its images.
const std::vector<TrainOption>& train_options();

}  // namespace ddpm
