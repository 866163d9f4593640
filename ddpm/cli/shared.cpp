// See ddpm/cli/shared.h. Checked by: tests/ddpm/cli/test_cli.cpp, tests/ddpm/cli/test_sample_command.cpp.
#include "ddpm/cli/shared.h"

#include <filesystem>
#include <ostream>

#include "ddpm/cli/advice.h"
#include "ddpm/formats/quote.h"
#include "ddpm/machine/environment.h"
#include "ddpm/run/checkpoint.h"
#include "kernels/kernels.h"

namespace ddpm {

namespace fs = std::filesystem;

Option run_option() {
  return {
      "run", "RUN", "",
      "folder of a run or of a diffusers DDPM model: RUN/unet is opened (for RUN/unet_ema, name this folder)",
      any_text()};
}

Option threads_option() {
  return {"threads", "N", "", "number of threads [one per processor, ddpm --help]", whole(1, 1024)};
}

Option convolution_option() {
  return {"convolution", "M", "auto",
          "3x3 convolutions: direct, winograd (fewer multiplications, different rounding) or auto",
          one_of({"direct", "winograd", "auto"})};
}

std::vector<Option> data_options() {
  return {{"test", "F", "none", "file of test images, if --data names a file; else some images are held out",
           any_text()},
          {"transpose", "", "off", "turn the images' rows into columns, as EMNIST's need it"},
          {"range", "A,B", "auto",
           "numbers of an array that stand for black and white; auto knows 0,1 and -1,1 and 0,255",
           range_or_auto()}};
}

std::optional<ValueRange> value_range(const Options& options) {
  const std::vector<double> ends = options.numbers("range");
  if (ends.empty()) return {};
  return ValueRange{ends[0], ends[1]};
}

DataSource data_source(const Options& options) {
  return {options.value("data"), options.value("test"), options.on("transpose"), value_range(options)};
}

Splits open_data(const Options& options, const Console& console) {
  Splits splits = open_splits(data_source(options));
  for (const Note& note : splits.train->notes)
    console.err << printable("warning: " + advised(note.sentence, note.reason)) << "\n";
  return splits;
}

void expect_same_images(const UnetConfig& network, const Dataset& data) {
  if (network.image_size != data.H || network.image_size != data.W || network.image_channels != data.C)
    fail("the network draws images of ", network.image_size, "x", network.image_size, "x",
         network.image_channels, ", but --data ", data.name, " holds ", data.H, "x", data.W, "x", data.C);
}

std::vector<Option> schedule_options() {
  return {{"kind", "KIND", "linear",
           "schedule: linear (the paper's), scaled_linear (in sqrt(beta)) or squaredcos_cap_v2 (cosine)",
           one_of({"linear", "scaled_linear", "squaredcos_cap_v2"})},
          {"T", "N", "1000", "steps of the forward process", whole(1, 1'000'000)},
          {"beta-1", "X", "0.0001", "variance of the first step", number(1e-12, 0.999999)},
          {"beta-T", "X", "0.02", "variance of the last step", number(1e-12, 0.999999)}};
}

ScheduleConfig schedule_config(const Options& options) {
  ScheduleConfig config;
  config.kind = options.value("kind");
  config.T = int(options.integer("T"));
  config.beta_1 = options.number("beta-1");
  config.beta_T = options.number("beta-T");
  return config;
}

void configure_kernels(const Options& options, const Console& console) {
  configure_threads(options, console);
  configure_convolution(options.value("convolution"));
}

void configure_threads(const Options& options, const Console& console) {
  choose_threads(options.has("threads") ? int(options.integer("threads")) : 0, console.err);
}

void configure_convolution(const std::string& method) {
  kernels::set_convolution_method(method == "direct"     ? ConvolutionMethod::direct
                                  : method == "winograd" ? ConvolutionMethod::winograd
                                                         : ConvolutionMethod::automatic);
}

namespace {

void warn(const Notes& notes, const Console& console) {
  for (const std::string& note : notes) console.err << printable("warning: " + note) << std::endl;
}

}  // namespace

std::unique_ptr<Unet> load_network(const std::string& run, const Console& console,
                                   const std::string& weights) {
  Notes notes;
  auto network = std::make_unique<Unet>(read_network(run, &notes));
  if (weights == "raw")
    load_raw_weights(run, network->parameters());
  else
    read_weights(run, network->parameters(), &notes);
  warn(notes, console);
  return network;
}

UnetConfig load_network_config(const std::string& run, const Console& console) {
  Notes notes;
  const UnetConfig config = read_network(run, &notes);
  warn(notes, console);
  return config;
}

DiffusionConfig load_scheduler(const std::string& run, const Console& console) {
  Notes notes;
  const DiffusionConfig scheduler = read_scheduler(run, &notes);
  warn(notes, console);
  return scheduler;
}

Existing existing_files(const Options& options) {
  return options.on("force") ? Existing::replace : Existing::keep;
}

void expect_writable(const std::string& path, Existing existing) {
  const fs::path folder = fs::path(path).parent_path().empty() ? "." : fs::path(path).parent_path();
  if (!fs::is_directory(folder))
    fail("cannot write ", path, ": there is no folder ", folder.string(), "; make it first");
  if (fs::is_directory(path)) fail("cannot write ", path, ": it is a folder; name a file");
  if (fs::exists(fs::symlink_status(path)) && existing == Existing::keep)
    fail(path, " exists already: name another file, or replace it with --force");
  try_to_write(path);
}

}  // namespace ddpm
