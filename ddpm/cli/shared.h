// What several commands need: threads, a model's folder, output files that
// must not be lost. Checked by: tests/test_cli.cpp, tests/test_sample_command.cpp.
#pragma once

#include <memory>
#include <string>

#include "ddpm/cli/options.h"
#include "ddpm/diffusers/model.h"

namespace ddpm {

Option run_option();          // --run
Option threads_option();      // --threads
Option convolution_option();  // --convolution

// Sets the number of threads, if --threads is given, and how convolutions are computed.
void configure_kernels(const Options& options);

// The network in --run, with its weights.
std::unique_ptr<Unet> load_network(const std::string& run, const std::string& weights = "ema");

// Errors, before the work begins: the file exists and may not be replaced, its
// folder is missing or cannot be written.
enum class Existing { keep, replace };
void expect_writable(const std::string& path, Existing);

}  // namespace ddpm
