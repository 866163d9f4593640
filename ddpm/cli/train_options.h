// The options of `ddpm train`: their table, where their values come from, and
// what they mean for a run. An option is either the session's (--out, --resume,
// --threads, --stop-after, --save-every, --sample-every) or the run's: fixed
// when the run is made and kept in its options.json.
// Checked by: tests/test_cli.cpp, tests/test_run.cpp.
#pragma once

#include "ddpm/cli/options.h"
#include "ddpm/data/dataset.h"
#include "ddpm/run/directory.h"
#include "ddpm/run/trainer.h"

namespace ddpm {

const std::vector<Option>& train_table();

// Gives the run's options the values the run was made with. Errors: one was
// given with another value; the file's options are damaged.
void fill_from_run(Options& options, const std::string& run, const OptionTexts& saved);

// All that fixes the run; what was not given is filled in from the preset.
// Errors: a network or schedule that cannot be built; options that exclude each other.
RunOptions make_run_options(Options& options, const Dataset& data);

// The run's options with their values, for options.json.
OptionTexts run_texts(const Options& options);

}  // namespace ddpm
