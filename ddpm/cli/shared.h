// Helpers that several commands share: common options, loading a network, checking output paths.
// Checked by: tests/ddpm/cli/test_cli.cpp, tests/ddpm/cli/test_sample_command.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ddpm/cli/options.h"
#include "ddpm/cli/progress.h"
#include "ddpm/data/dataset.h"
#include "ddpm/diffusers/model.h"
#include "ddpm/formats/file.h"

namespace ddpm {

// Options that several commands share.
Option run_option();          // --run
Option threads_option();      // --threads
Option convolution_option();  // --convolution

// Returns the options --test, --transpose and --range, which say how to read --data.
std::vector<Option> data_options();
// Returns --range, nullopt for "auto".
std::optional<ValueRange> value_range(const Options& options);
// Returns what --data and the options of data_options() name.
DataSource data_source(const Options& options);
// Opens both splits, and prints their notes as warnings. Throws Error as open_splits does.
Splits open_data(const Options& options, const Console& console);
// Throws Error unless the network takes images like those of the data.
void expect_same_images(const UnetConfig& network, const Dataset& data);

// Returns the options --kind, --T, --beta-1 and --beta-T.
std::vector<Option> schedule_options();
// Returns the settings that schedule_options() have.
ScheduleConfig schedule_config(const Options& options);

// Applies --threads and --convolution to the whole program. Warns if more threads were asked for than there
// are processors; throws Error if they cannot be made.
void configure_kernels(const Options& options, const Console& console);
// Applies --threads alone, in the same way.
void configure_threads(const Options& options, const Console& console);
// Applies a value of --convolution to the whole program.
void configure_convolution(const std::string& method);

// Read the files of the folder `run`, and print what is to be said about them as warnings. `weights` is "ema"
// for the moving average or "raw" for the weights of the training state. Throw Error if a file is missing or
// invalid.
std::unique_ptr<Unet> load_network(const std::string& run, const Console& console,
                                   const std::string& weights = "ema");
UnetConfig load_network_config(const std::string& run, const Console& console);
DiffusionConfig load_scheduler(const std::string& run, const Console& console);

// Returns what --force says about files that exist.
Existing existing_files(const Options& options);
// Checks that a file can be written to `path`; leaves no file behind. Call before long work. Throws
// Error if the folder is missing or not writable, if `path` is not a regular file, or if it exists
// and must be kept.
void expect_writable(const std::string& path, Existing);

}  // namespace ddpm
