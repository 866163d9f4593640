// ddpm figure NAME: writes a figure as SVG, and its numbers as CSV.
// Checked by: tests/ddpm/cli/test_figure_command.cpp.
#include <filesystem>
#include <ostream>

#include "ddpm/cli/commands.h"
#include "ddpm/cli/estimate.h"
#include "ddpm/cli/shared.h"
#include "ddpm/figures/figure.h"
#include "ddpm/formats/file.h"
#include "ddpm/formats/quote.h"
#include "ddpm/machine/limits.h"

namespace ddpm {

namespace {

// The files of a figure: F.svg, and F.csv beside it.
struct Output {
  std::string svg, csv;
  Existing existing;
};

// Returns the files that --out names. Throws UsageError unless the name ends in .svg, and Error if one of
// the files cannot be written, or if both names are one file.
Output checked_output(const Options& options) {
  const std::filesystem::path svg = options.value("out");
  if (svg.extension() != ".svg")
    throw UsageError("--out " + quote(svg.string()) + ": the name must end in .svg");
  const Output output{svg.string(), std::filesystem::path(svg).replace_extension(".csv").string(),
                      existing_files(options)};
  expect_writable(output.svg, output.existing);
  expect_writable(output.csv, output.existing);
  std::error_code missing;
  if (std::filesystem::equivalent(output.svg, output.csv, missing))
    fail(output.svg, " and ", output.csv, " are one file");
  return output;
}

void write_figure(const Output& output, const Figure& figure, const Console& console) {
  write_files({{output.csv, {figure.csv}}, {output.svg, {figure.svg}}}, output.existing);
  console.out << printable("wrote " + output.svg + " and " + output.csv) << "\n";
}

// Returns a figure's own options and those that all figures have.
std::vector<Option> with_output(const std::string& name, std::vector<Option> options) {
  options.push_back(
      {"out", "F.svg", name + ".svg", "file for the picture; its numbers go to F.csv beside it", any_text()});
  options.push_back({"force", "", "", "replace existing files"});
  return options;
}

// Returns the options of figures that need no run, but can take a run's schedule.
std::vector<Option> schedule_or_run(std::vector<Option> options) {
  options.push_back(run_option());
  options.back().meaning += ", whose schedule to take";
  for (Option& option : schedule_options()) options.push_back(std::move(option));
  return options;
}

// Returns the schedule of --run, if given, else that of the schedule options.
Schedule chosen_schedule(const Options& options, const Console& console) {
  if (!options.has("run")) return make_schedule(schedule_config(options));
  for (const Option& option : schedule_options())
    if (options.given(option.name))
      throw UsageError("--" + option.name + " has no effect on --run; give one of them");
  return make_schedule(load_scheduler(options.value("run"), console).schedule);
}

void draw_schedule(Options& options, const Console& console) {
  const Output output = checked_output(options);
  write_figure(output, schedule_figure(chosen_schedule(options, console)), console);
}

void draw_forward(Options& options, const Console& console) {
  const Output output = checked_output(options);
  const auto data = open_data(options, console).train;
  write_figure(output,
               forward_figure(chosen_schedule(options, console), *data, options.integer("image"),
                              uint64_t(options.integer("seed"))),
               console);
}

void draw_reverse(Options& options, const Console& console) {
  const Output output = checked_output(options);
  configure_kernels(options, console);
  const std::string run = options.value("run");
  const auto network = load_network(run, console);
  const DiffusionConfig diffusion = load_scheduler(run, console);
  const UnetConfig& config = network->config();
  const Schedule schedule = make_schedule(diffusion.schedule);
  const int count = int(options.integer("count")), chains = 2;  // with the clip and without it
  console.err << sampling_estimate(*network, count, double(chains) * schedule.T, available_memory());
  LongWork work(console);
  const Figure figure = reverse_figure(
      noise_predictor(*network), {config.image_size, config.image_size, config.image_channels}, schedule,
      diffusion.reverse.variance, count, uint64_t(options.integer("seed")), work.reporter());
  work.finish();
  if (figure.svg.empty()) throw Interrupted("stopped; nothing was written");
  write_figure(output, figure, console);
}

void draw_training(Options& options, const Console& console) {
  const Output output = checked_output(options);
  const std::string run = options.value("run");
  for (const char* log : {"/log.csv", "/validation.csv"}) {
    std::error_code missing;
    if (std::filesystem::equivalent(output.csv, run + log, missing))
      fail(output.csv, " is the run's own table: name another file with --out");
  }
  write_figure(output, training_figure(run), console);
}

// Returns the options of the image that the figure `forward` begins with.
std::vector<Option> image_options() {
  std::vector<Option> options = data_options();
  options.insert(options.begin(),
                 {"data", "D", "digits", "data with the image, named as for ddpm train", any_text()});
  options.push_back({"image", "I", "0", "index of the image in the training data", whole(0, INT64_MAX)});
  options.push_back({"seed", "N", "0", "random seed of the noise", whole(0, INT64_MAX)});
  return options;
}

// The figures: to add one, see ddpm/figures/figure.h.
const std::vector<Command>& all_figures() {
  const Option seed{"seed", "N", "0", "random seed of the noise", whole(0, INT64_MAX)};
  static const std::vector<Command> all{
      {"schedule", "the variances, the signal-to-noise ratio and the weight of Eq. (12) over t",
       with_output("schedule", schedule_or_run({})), draw_schedule},
      {"forward", "one image at t = 0, T/10, ..., T, by Eq. (4)",
       with_output("forward", schedule_or_run(image_options())), draw_forward},
      {"reverse", "x_t and x_0_hat along the chain of Algorithm 2, with and without the clip",
       with_output("reverse", {run_option(),
                               {"count", "N", "4", "number of samples", whole(1, 64)},
                               seed,
                               threads_option(),
                               convolution_option()}),
       draw_reverse},
      {"training", "the loss over the training steps, by quarter of t",
       with_output("training", {{"run", "RUN", "", "folder of a run", any_text()}}), draw_training}};
  return all;
}

}  // namespace

const Command& figure_command() {
  static const Command command{
      "figure", "write a figure as SVG, and its numbers as CSV", {}, nullptr, all_figures()};
  return command;
}

}  // namespace ddpm
