// See ddpm/cli/train_options.h. Checked by: tests/test_cli.cpp, tests/test_run.cpp.
#include "ddpm/cli/train_options.h"

#include <algorithm>

#include "ddpm/cli/shared.h"
#include "ddpm/run/presets.h"

namespace ddpm {

namespace {

bool is_session_option(const std::string& name) {
  const std::string names[] = {"out", "resume", "threads", "stop-after", "save-every", "sample-every"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

const char* on_off(bool on) { return on ? "on" : "off"; }

template <typename List>
std::string joined(const List& list) {
  std::string all;
  for (const auto& element : list) all += (all.empty() ? "" : ",") + number_text(element);
  return all.empty() ? "none" : all;
}

// Fills each option that has no value yet with the preset's value.
void fill_from_preset(Options& options, const Preset& preset) {
  const auto fill = [&](const std::string& name, const std::string& value) {
    if (!options.has(name)) options.fill(name, value);
  };
  const UnetConfig& network = preset.network;
  const Recipe& recipe = preset.recipe;
  fill("channels", std::to_string(network.channels));
  fill("multipliers", joined(network.multipliers));
  fill("blocks", std::to_string(network.blocks));
  fill("groups", std::to_string(network.groups));
  fill("dropout", number_text(network.dropout));
  fill("flip", on_off(recipe.flip));
  fill("variance", recipe.variance == Variance::beta ? "beta" : "posterior");
  fill("batch", std::to_string(recipe.batch));
  fill("lr", number_text(recipe.learning_rate));
  fill("warmup", std::to_string(recipe.warmup));
  fill("clip-norm", number_text(recipe.clip_norm));
  fill("ema", number_text(recipe.ema_decay));
  if (!options.has("minutes")) fill("steps", std::to_string(recipe.steps));
  fill("decay", recipe.cosine && options.has("steps") ? "cosine" : "none");
}

// Returns one flag per level: true if `resolutions` contains the level's resolution. Throws UsageError
// if one of the resolutions belongs to no level.
std::vector<bool> levels_at(const UnetConfig& config, const std::vector<int64_t>& resolutions) {
  std::vector<bool> attention(config.multipliers.size(), false);
  std::vector<int> available;
  for (int level = 0; level < config.levels(); ++level) available.push_back(config.resolution(level));
  for (const int64_t resolution : resolutions) {
    const auto found = std::find(available.begin(), available.end(), resolution);
    if (found == available.end())
      throw UsageError(
          text("--attention ", resolution, ": this network has the resolutions ", joined(available)));
    attention[size_t(found - available.begin())] = true;
  }
  return attention;
}

// Finds the levels with attention in `preset`. Returns their resolutions in `config` as text.
std::string preset_attention(const UnetConfig& config, const UnetConfig& preset) {
  std::vector<int> resolutions;
  for (int level = 0; level < std::min(config.levels(), preset.levels()); ++level)
    if (preset.attention[size_t(level)]) resolutions.push_back(config.resolution(level));
  return joined(resolutions);
}

UnetConfig make_network(Options& options, const Dataset& data, const Preset& preset) {
  if (data.H != data.W)
    fail(data.name, " has images of ", data.H, "x", data.W, "; only square images can be trained on");
  UnetConfig config;
  config.image_size = data.H;
  config.image_channels = data.C;
  config.channels = int(options.integer("channels"));
  const std::vector<int64_t> multipliers = options.integers("multipliers");
  config.multipliers.assign(multipliers.begin(), multipliers.end());
  config.blocks = int(options.integer("blocks"));
  config.attention.assign(multipliers.size(), false);
  config.groups = int(options.integer("groups"));
  config.dropout = options.number("dropout");
  config.check();
  if (!options.has("attention")) options.fill("attention", preset_attention(config, preset.network));
  config.attention = levels_at(config, options.integers("attention"));
  return config;
}

TrainConfig make_train_config(const Options& options) {
  TrainConfig train;
  train.ema_decay = options.number("ema");
  train.seed = uint64_t(options.integer("seed"));
  train.adam.learning_rate = options.number("lr");
  train.adam.warmup = options.integer("warmup");
  train.adam.cosine = options.value("decay") == "cosine";
  train.adam.total_steps = options.has("steps") ? options.integer("steps") : 0;
  train.adam.clip_norm = options.number("clip-norm");
  return train;
}

}  // namespace

const std::vector<Option>& train_table() {
  const int64_t most_steps = 1'000'000'000;
  const Preset& tiny = find_preset("tiny");
  const auto preset = [](const std::string& value) { return " [the preset's; tiny: " + value + "]"; };
  static const std::vector<Option> table = {
      {"data", "D", "",
       "data set: digits (built in), a folder of IDX files such as data/mnist, or cifar10:DIR", any_text()},
      {"out", "RUN", "", "folder of the run; created unless --resume is given", any_text()},
      {"preset", "P", "tiny", "network and training recipe: tiny, mnist, digits, cifar10 or lsun256",
       one_of(preset_names())},
      {"channels", "N", "", "channels of the first level" + preset(std::to_string(tiny.network.channels)),
       whole(4, 4096)},
      {"multipliers", "LIST", "",
       "channels of each level as a multiple of --channels" + preset(joined(tiny.network.multipliers)),
       whole_list(1, 64, 8)},
      {"blocks", "N", "", "residual blocks per level" + preset(std::to_string(tiny.network.blocks)),
       whole(1, 16)},
      {"attention", "LIST", "",
       "resolutions with attention, in pixels, such as 14,7, or none" +
           preset(preset_attention(tiny.network, tiny.network)),
       whole_list(1, 4096, 8, Empty::none)},
      {"groups", "N", "", "groups of every group norm" + preset(std::to_string(tiny.network.groups)),
       whole(1, 4096)},
      {"dropout", "P", "", "dropout probability" + preset(number_text(tiny.network.dropout)),
       number(0, 0.95)},
      {"flip", "", "",
       "mirror a random half of the images" + preset(on_off(tiny.recipe.flip)) + "; --flip=off turns it off"},
      {"T", "N", "1000", "steps of the forward process", whole(1, 1'000'000)},
      {"beta-1", "X", "0.0001", "variance of the first forward step", number(1e-12, 0.999999)},
      {"beta-T", "X", "0.02", "variance of the last forward step", number(1e-12, 0.999999)},
      {"variance", "V", "",
       "sigma_t^2 in sampling: beta (beta_t) or posterior (beta_tilde_t), Section 3.2" + preset("beta"),
       one_of({"beta", "posterior"})},
      {"steps", "N", "", "total number of training steps" + preset(std::to_string(tiny.recipe.steps)),
       whole(1, most_steps)},
      {"minutes", "M", "", "train for M minutes at a constant learning rate, instead of --steps",
       number(0.001, 1e6)},
      {"stop-after", "N", "", "stop early, after step N; --resume continues", whole(1, most_steps)},
      {"batch", "N", "", "images per step" + preset(std::to_string(tiny.recipe.batch)), whole(1, 65536)},
      {"lr", "X", "", "learning rate" + preset(number_text(tiny.recipe.learning_rate)), number(1e-12, 10)},
      {"warmup", "N", "",
       "steps in which the learning rate rises linearly from 0" + preset(std::to_string(tiny.recipe.warmup)),
       whole(0, most_steps)},
      {"decay", "KIND", "",
       "decay of the learning rate to 0 at the last step: none or cosine" +
           preset(tiny.recipe.cosine ? "cosine" : "none"),
       one_of({"none", "cosine"})},
      {"clip-norm", "X", "",
       "maximum norm of the whole gradient, 0 for no clipping" + preset(number_text(tiny.recipe.clip_norm)),
       number(0, 1e12)},
      {"ema", "X", "",
       "decay per step of the moving average of the weights" + preset(number_text(tiny.recipe.ema_decay)),
       number(0, 0.999999)},
      {"seed", "N", "0", "seed of all random numbers", whole(0, INT64_MAX)},
      {"save-every", "N", "500", "steps between saves, 0 to save only at the end", whole(0, most_steps)},
      {"sample-every", "N", "5000",
       "steps between grids of 16 samples each of raw and EMA weights, 0 for none (slow: 2 T network calls)",
       whole(0, most_steps)},
      threads_option(),
      convolution_option(),
      {"resume", "", "", "continue the run in --out with the options that it was created with"}};
  return table;
}

void fill_from_run(Options& options, const std::string& run, const OptionTexts& saved) {
  const std::string path = run + "/training/options.json";
  options.fill("variance", "beta");  // the value of runs created before this option existed
  for (const auto& [name, value] : saved) {
    const auto known = [&name = name](const Option& option) { return option.name == name; };
    if (is_session_option(name) || std::none_of(options.table().begin(), options.table().end(), known))
      fail(path, ": there is no option ", name);
    try {
      options.fill(name, value);
    } catch (const UsageError& error) {
      fail(path, ": ", error.what());
    }
  }
  for (const Option& option : options.table()) {
    if (is_session_option(option.name)) continue;
    const auto same = [&](const auto& entry) { return entry.first == option.name; };
    const auto found = std::find_if(saved.begin(), saved.end(), same);
    if (options.given(option.name)) {
      const std::string value = options.value(option.name), before = options.filled(option.name);
      if (value != before)
        fail("--", option.name, " ", value, ": ", run, " was made with",
             before.empty() ? "out it" : " " + before, "; leave the option out, or start a new run");
    } else if (found == saved.end() && !options.has(option.name) && option.name != "steps" &&
               option.name != "minutes") {
      fail(path, ": the option ", option.name, " is missing");
    }
  }
}

RunOptions make_run_options(Options& options, const Dataset& data) {
  if (options.has("steps") && options.has("minutes")) throw UsageError("give --steps or --minutes, not both");
  const Preset& preset = find_preset(options.value("preset"));
  fill_from_preset(options, preset);
  if (options.has("minutes") && options.value("decay") != "none")
    throw UsageError("--minutes needs a constant learning rate: use --decay none, or --steps instead");

  RunOptions run;
  run.network = make_network(options, data, preset);
  ScheduleConfig& schedule = run.diffusion.schedule;
  schedule.T = int(options.integer("T"));
  schedule.beta_1 = options.number("beta-1");
  schedule.beta_T = options.number("beta-T");
  make_schedule(schedule);  // throws Error if the schedule is invalid
  run.diffusion.reverse.variance = options.value("variance") == "beta" ? Variance::beta : Variance::posterior;
  run.train = make_train_config(options);
  run.batches = {int(options.integer("batch")), options.on("flip")};
  if (options.has("minutes"))
    run.minutes = options.number("minutes");
  else
    run.steps = options.integer("steps");
  return run;
}

OptionTexts run_texts(const Options& options) {
  OptionTexts texts;
  for (const Option& option : options.table())
    if (!is_session_option(option.name) && options.has(option.name))
      texts.emplace_back(option.name, options.value(option.name));
  return texts;
}

}  // namespace ddpm
