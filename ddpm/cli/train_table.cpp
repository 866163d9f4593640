// See ddpm/cli/train_table.h. Checked by: tests/ddpm/cli/test_train_options.cpp.
#include "ddpm/cli/train_table.h"

#include <algorithm>
#include <concepts>

#include "ddpm/cli/shared.h"
#include "ddpm/run/presets.h"

namespace ddpm {

namespace {

// Returns the text of a value.
std::string to_text(const std::string& value) { return value; }
std::string to_text(bool value) { return value ? "on" : "off"; }
std::string to_text(double value) { return number_text(value); }
std::string to_text(std::integral auto value) { return std::to_string(value); }
std::string to_text(const std::optional<ValueRange>& range) {
  return range ? to_text(range->low) + "," + to_text(range->high) : "auto";
}
std::string to_text(Variance value) { return value == Variance::beta ? "beta" : "posterior"; }
template <typename Element>
std::string to_text(const std::vector<Element>& list) {
  std::string all;
  for (const Element& element : list) all += (all.empty() ? "" : ",") + to_text(element);
  return all.empty() ? "none" : all;
}

// Overwrites `value` with the value of the option.
void read(std::string& value, const Options& options, const std::string& name) {
  value = options.value(name);
}
void read(bool& value, const Options& options, const std::string& name) { value = options.on(name); }
void read(double& value, const Options& options, const std::string& name) { value = options.number(name); }
void read(Variance& value, const Options& options, const std::string& name) {
  value = options.value(name) == "beta" ? Variance::beta : Variance::posterior;
}
void read(std::optional<ValueRange>& value, const Options& options, const std::string&) {
  value = value_range(options);
}
template <std::integral Integer>
void read(Integer& value, const Options& options, const std::string& name) {
  value = Integer(options.integer(name));
}

// Binds an option to one member of RunOptions. member(run) returns a reference to it.
template <typename Member>
Binding bind(Member member) {
  return {[member](const RunOptions& run) { return to_text(member(run)); },
          [member](RunOptions& run, const Options& options, const std::string& name) {
            read(member(run), options, name);
          }};
}
#define BIND(member) bind([](auto& run) -> auto& { return run.member; })

// Keeps the preset's attention in the levels that remain. New levels have none.
Binding bind_multipliers() {
  return {[](const RunOptions& run) { return to_text(run.network.multipliers); },
          [](RunOptions& run, const Options& options, const std::string& name) {
            run.network.multipliers = options.numbers(name);
            run.network.attention.resize(run.network.multipliers.size(), false);
          }};
}

// Converts between the levels with attention and their resolutions.
Binding bind_attention() {
  return {[](const RunOptions& run) {
            const UnetConfig& network = run.network;
            std::vector<int> resolutions;
            for (int level = 0; level < network.levels(); ++level)
              if (network.attention[size_t(level)]) resolutions.push_back(network.resolution(level));
            return to_text(resolutions);
          },
          [](RunOptions& run, const Options& options, const std::string& name) {
            UnetConfig& network = run.network;
            std::vector<int> available;
            for (int level = 0; level < network.levels(); ++level)
              available.push_back(network.resolution(level));
            network.attention.assign(available.size(), false);
            for (const int64_t resolution : options.integers(name)) {
              const auto found = std::find(available.begin(), available.end(), resolution);
              if (found == available.end())
                throw UsageError(text("--", name, " ", resolution, ": this network has the resolutions ",
                                      to_text(available)));
              network.attention[size_t(found - available.begin())] = true;
            }
          }};
}

// A run has a number of steps or of minutes.
Binding bind_steps() {
  return {[](const RunOptions& run) { return run.steps > 0 ? to_text(run.steps) : ""; },
          [](RunOptions& run, const Options& options, const std::string& name) {
            run.steps = options.integer(name);
          }};
}

Binding bind_minutes() {
  return {[](const RunOptions& run) { return run.steps > 0 ? "" : to_text(run.minutes); },
          [](RunOptions& run, const Options& options, const std::string& name) {
            run.minutes = options.number(name);
            run.steps = 0;
            run.train.adam.cosine = false;  // the cosine would need a last step
          }};
}

Binding bind_decay() {
  return {[](const RunOptions& run) { return run.train.adam.cosine ? "cosine" : "none"; },
          [](RunOptions& run, const Options& options, const std::string& name) {
            run.train.adam.cosine = options.value(name) == "cosine";
          }};
}

}  // namespace

const std::vector<TrainOption>& train_options() {
  const int64_t most_steps = 1'000'000'000;

  // Each row: name, placeholder, default, meaning and check of the option, then the binding of a run
  // option. A run option without a default has the preset's.
  static const std::vector<Option> data = data_options();
  static const std::vector<TrainOption> table = {
      {{"data", "D", "",
        "data set: digits (built in), IDX files such as those in data/mnist, cifar10:DIR, or an array X.npy",
        any_text()},
       BIND(data.spec)},
      {data[0], BIND(data.test), "none"},
      {data[1], BIND(data.transpose), "off"},
      {data[2], BIND(data.range), "auto"},
      {{"out", "RUN", "", "folder of the run; created unless --resume is given", any_text()}},
      {{"from", "FOLDER", "none",
        "begin with the network and the weights of a run or of a diffusers model, at step 0 of a new run",
        any_text()},
       BIND(from),
       "none"},
      {{"preset", "P", "",
        text("network and training recipe: ", preset_list(), " [", default_preset,
             "; mnist for images of a size that no preset has]"),
        one_of(preset_names())},
       BIND(preset)},
      {{"channels", "N", "", "channels of the first level", whole(4, 4096)}, BIND(network.channels)},
      {{"multipliers", "LIST", "", "channels of each level as a multiple of --channels",
        number_list(1, 64, 8)},
       bind_multipliers()},
      {{"blocks", "N", "", "residual blocks per level", whole(1, 16)}, BIND(network.blocks)},
      {{"attention", "LIST", "", "resolutions with attention, in pixels, such as 14,7, or none",
        whole_list(1, 4096, 8, Empty::none)},
       bind_attention()},
      {{"groups", "N", "", "groups of every group norm", whole(1, 4096)}, BIND(network.groups)},
      {{"dropout", "P", "", "dropout probability", number(0, 0.95)}, BIND(network.dropout)},
      {{"head-channels", "N", "", "channels of a head of attention, 0 for one head of all channels",
        whole(0, 4096 * 64)},
       BIND(network.head_channels),
       "0"},
      {{"down-padding", "N", "",
        "zeros of the downsampling convolution: 0 for below and right alone, 1 for all sides", whole(0, 1)},
       BIND(network.down_padding),
       "0"},
      {{"norm-epsilon", "X", "", "added to the variance in every group norm", number(1e-12, 1)},
       BIND(network.norm_epsilon),
       "1e-06"},
      {{"cosine-first", "", "", "cosines before sines in the embedding of time"},
       BIND(network.cosine_first),
       "off"},
      {{"frequency-shift", "N", "", "the s in the embedding's frequencies 10000^(-i / (channels/2 - s))",
        whole(0, 1)},
       BIND(network.frequency_shift),
       "1"},
      {{"flip", "", "", "mirror a random half of the images; --flip=off turns it off"}, BIND(batches.flip)},
      {{"T", "N", "1000", "steps of the forward process", whole(1, 1'000'000)}, BIND(diffusion.schedule.T)},
      {{"beta-1", "X", "0.0001", "variance of the first forward step", number(1e-12, 0.999999)},
       BIND(diffusion.schedule.beta_1)},
      {{"beta-T", "X", "0.02", "variance of the last forward step", number(1e-12, 0.999999)},
       BIND(diffusion.schedule.beta_T)},
      {{"variance", "V", "", "sigma_t^2 in sampling: beta (beta_t) or posterior (beta_tilde_t), Section 3.2",
        one_of({"beta", "posterior"})},
       BIND(diffusion.reverse.variance),
       "beta"},
      {{"steps", "N", "", "total number of training steps", whole(1, most_steps)}, bind_steps()},
      {{"minutes", "M", "", "train for M minutes at a constant learning rate, instead of --steps",
        number(0.001, 1e6)},
       bind_minutes()},
      {{"stop-after", "N", "", "stop early, after step N; --resume continues", whole(1, most_steps)}},
      {{"batch", "N", "", "images per step", whole(1, 65536)}, BIND(batches.size)},
      {{"lr", "X", "", "learning rate", number(1e-12, 10)}, BIND(train.adam.learning_rate)},
      {{"warmup", "N", "", "steps in which the learning rate rises linearly from 0", whole(0, most_steps)},
       BIND(train.adam.warmup)},
      {{"decay", "KIND", "", "decay of the learning rate to 0 at the last step: none or cosine",
        one_of({"none", "cosine"})},
       bind_decay()},
      {{"clip-norm", "X", "", "maximum norm of the whole gradient, 0 for no clipping", number(0, 1e12)},
       BIND(train.adam.clip_norm)},
      {{"ema", "X", "", "decay per step of the moving average of the weights", number(0, 0.999999)},
       BIND(train.ema_decay)},
      {{"seed", "N", "0", "seed of all random numbers", whole(0, INT64_MAX)}, BIND(train.seed)},
      {{"save-every", "N", "500", "steps between saves, 0 to save only at the beginning and the end",
        whole(0, most_steps)}},
      {{"sample-every", "N", "5000",
        "steps between grids of 16 samples each of raw and EMA weights, 0 for none (slow: 2 T network calls)",
        whole(0, most_steps)}},
      {threads_option()},
      {convolution_option(), BIND(convolution)},
      {{"resume", "", "", "continue the run in --out with the options that it was created with"}}};
  return table;
}
#undef BIND

}  // namespace ddpm
