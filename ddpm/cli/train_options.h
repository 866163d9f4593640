// The options of `ddpm train`. Session options may differ each time the run is resumed: --out,
// --resume, --threads, --stop-after, --save-every, --sample-every. All others are run options: they
// are fixed when the run is created, and saved in its options.json.
// Checked by: tests/test_cli.cpp, tests/test_run.cpp.
#pragma once

#include "ddpm/cli/options.h"
#include "ddpm/data/dataset.h"
#include "ddpm/run/directory.h"
#include "ddpm/run/trainer.h"

namespace ddpm {

// Returns the table of options.
const std::vector<Option>& train_table();

// Fills the run options with the values in `saved`, read from the options.json of `run`. Throws Error
// if the command line sets a different value, or if `saved` has an unknown, invalid or missing option.
void fill_from_run(Options& options, const std::string& run, const OptionTexts& saved);

// Converts the options to the settings of a run. Fills options without a value from the preset.
// Throws UsageError if options contradict each other or --attention names a resolution that the
// network does not have. Throws Error if the network or the schedule is invalid, or if the images
// are not square.
RunOptions make_run_options(Options& options, const Dataset& data);

// Returns name and value of each run option that has a value, for options.json.
OptionTexts run_texts(const Options& options);

}  // namespace ddpm
