// See ddpm/cli/train_options.h.
// Checked by: tests/ddpm/cli/test_train_options.cpp, tests/ddpm/run/test_run.cpp.
#include "ddpm/cli/train_options.h"

#include <algorithm>

#include "ddpm/cli/shared.h"
#include "ddpm/cli/train_table.h"
#include "ddpm/formats/quote.h"
#include "ddpm/run/presets.h"

namespace ddpm {

namespace {

// Returns the option with the default preset's value in the help text, unless it has its own default.
Option with_default(const TrainOption& row) {
  Option option = row.option;
  if (!row.is_run_option() || !option.fallback.empty()) return option;
  const std::string value = row.binding.get(find_preset(default_preset));
  if (!value.empty() && value != default_preset)
    option.meaning += " [the preset's; " + default_preset + ": " + value + "]";
  return option;
}

// Returns the options of options.json: the run options. Old values are their only defaults.
const std::vector<Option>& saved_table() {
  static const std::vector<Option> table = [] {
    std::vector<Option> options;
    for (const TrainOption& row : train_options()) {
      if (!row.is_run_option()) continue;
      options.push_back(row.option);
      options.back().fallback = row.old_value;
    }
    return options;
  }();
  return table;
}

// Returns how many levels, of at most `most`, images of this size allow: each but the first has half the size
// of the one before.
int fitting_levels(int size, int most) {
  int levels = 1;
  while (levels < most && size % (1 << levels) == 0) ++levels;
  return levels;
}

// Returns the preset that the options name. If they name none and the images have a size that no preset has,
// returns the small recipe of `mnist`, with as many levels as the images allow.
RunOptions recipe(const Options& options, const Dataset& data) {
  if (options.has("preset")) return find_preset(options.value("preset"));
  const auto fits = [&](const RunOptions& preset) { return preset.network.image_size == data.H; };
  const bool known = std::any_of(presets().begin(), presets().end(), fits);
  if (known || options.has("multipliers")) return find_preset(default_preset);
  RunOptions run = find_preset("mnist");
  const auto levels = size_t(fitting_levels(data.H, run.network.levels()));
  run.network.multipliers.resize(levels);
  run.network.attention.resize(levels);
  return run;
}

// Throws Error if the images cannot be halved as often as the levels need it.
void expect_halving(const UnetConfig& network) {
  const int size = network.image_size, levels = network.levels(), fitting = fitting_levels(size, levels);
  if (fitting == levels) return;
  std::string list;
  for (int level = 0; level < fitting; ++level)
    list += (level ? "," : "") + number_text(network.multipliers[size_t(level)]);
  fail("images of ", size, "x", size, " cannot be halved ", levels - 1, levels == 2 ? " time" : " times",
       " for ", levels, " levels: use --multipliers ", list, ", or images whose size is divisible by ",
       1 << (levels - 1));
}

// Returns the text of the network but for its dropout, which each training may choose.
std::string fixed_text(UnetConfig network) {
  network.dropout = 0;
  return network_text(network);
}

// Sets the run options that are given. Throws UsageError if one changes the network and `origin`, the folder
// that it comes from, is not "".
void set_options(const Options& options, const std::string& origin, RunOptions& run) {
  const RunOptions before = run;
  for (const TrainOption& row : train_options()) {
    const std::string& name = row.option.name;
    if (!row.is_run_option() || !options.has(name)) continue;
    row.binding.set(run, options, name);
    if (!origin.empty() && fixed_text(run.network) != fixed_text(before.network))
      throw UsageError(text("--", name, " ", options.value(name), ": the network of ", origin, " has ",
                            row.binding.get(before), "; leave the option out"));
  }
}

}  // namespace

const std::vector<Option>& train_table() {
  static const std::vector<Option> table = [] {
    std::vector<Option> options;
    for (const TrainOption& row : train_options()) options.push_back(with_default(row));
    return options;
  }();
  return table;
}

Options read_run_options(const std::string& run) {
  const std::string path = options_path(run);
  std::vector<std::string> arguments;
  for (const auto& [name, value] : read_options(run)) arguments.push_back("--" + name + "=" + value);
  try {
    const Options options(saved_table(), arguments);
    const std::string unused = options.has("minutes") ? "steps" : "minutes";
    for (const Option& option : saved_table())
      if (!options.has(option.name) && option.name != unused)
        fail(path, ": the option ", option.name, " is missing");
    return options;
  } catch (const UsageError& error) {
    fail(path, ": ", error.what());
  }
}

RunOptions make_run_options(const Options& options, const Dataset& data, const std::string& origin) {
  if (options.has("steps") && options.has("minutes")) throw UsageError("give --steps or --minutes, not both");
  if (data.H != data.W)
    fail(data.name, " has images of ", data.H, "x", data.W,
         "; only square images can be trained on: crop them, or pad them");

  RunOptions run = recipe(options, data);
  run.network.image_size = data.H;
  run.network.image_channels = data.C;
  if (!origin.empty()) {
    run.network = read_network(origin);
    expect_same_images(run.network, data);
  }
  set_options(options, origin, run);
  if (run.steps == 0 && run.train.adam.cosine)
    throw UsageError("--minutes needs a constant learning rate: use --decay none, or --steps instead");
  run.train.adam.total_steps = run.steps;
  expect_halving(run.network);
  run.network.check();
  make_schedule(run.diffusion.schedule);  // throws Error if the schedule is invalid
  return run;
}

void expect_unchanged(const Options& command_line, const std::string& run, const Options& created_with) {
  for (const Option& option : saved_table()) {
    const std::string& name = option.name;
    if (!command_line.given(name)) continue;
    const std::string value = command_line.value(name);
    const std::string before = created_with.has(name) ? created_with.value(name) : "";
    if (value != before)
      fail("--", name, " ", quote(value), ": ", run, " was made with",
           before.empty() ? "out it" : " " + quote(before), "; leave the option out, or start a new run");
  }
}

OptionTexts run_texts(const Options& options, const RunOptions& run) {
  OptionTexts texts;
  for (const TrainOption& row : train_options()) {
    if (!row.is_run_option()) continue;
    const std::string& name = row.option.name;
    const std::string value = options.has(name) ? options.value(name) : row.binding.get(run);
    if (!value.empty()) texts.emplace_back(name, value);
  }
  return texts;
}

}  // namespace ddpm
