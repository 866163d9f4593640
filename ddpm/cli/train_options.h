// Converts the options of `ddpm train` (ddpm/cli/train_table.h) to the settings of a run and back.
// Checked by: tests/ddpm/cli/test_cli.cpp, tests/ddpm/cli/test_train_options.cpp,
// tests/ddpm/run/test_run.cpp.
#pragma once

#include "ddpm/cli/options.h"
#include "ddpm/data/dataset.h"
#include "ddpm/run/directory.h"
#include "ddpm/run/run_options.h"

namespace ddpm {

// Returns the options for the command line, with the presets' defaults in their help texts.
const std::vector<Option>& train_table();

// Returns the options that a run was created with, from its options.json. An option that did not exist
// then has its old value. Throws Error if the file is missing or not valid JSON, or if an option
// is unknown, invalid or missing.
Options read_run_options(const std::string& run);

// Returns the settings of a run: those of the preset, overwritten by the run options on the command line
// (or in options.json). Throws UsageError if options contradict each other or --attention names a
// resolution that the network does not have. Without --preset, images of a size that no preset has get the
// recipe of `mnist`, with as many of its levels as can halve them. If `origin` is a folder, the network is
// that of the folder, and options that contradict it throw UsageError. Throws Error if the network or the
// schedule is invalid, or if the images are not square or do not suit the network.
RunOptions make_run_options(const Options& options, const Dataset& data, const std::string& origin = "");

// Throws Error if the command line sets a run option to another value than the run was created with.
void expect_unchanged(const Options& command_line, const std::string& run, const Options& created_with);

// Returns name and value of each run option that has a value, for options.json: the text in `options`, such
// as 0.0001 (which get() would write as 1e-04), otherwise that of `run`.
OptionTexts run_texts(const Options& options, const RunOptions& run);

}  // namespace ddpm
