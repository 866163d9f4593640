// Checks how `ddpm train` makes a run's options of the command line's (ddpm/cli/train_options.cpp,
// train_table.cpp), and what its help says of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "ddpm/cli/train_options.h"
#include "ddpm/cli/train_table.h"
#include "ddpm/run/presets.h"
#include "tests/support/files.h"
#include "tests/support/scratch.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

// Returns "--NAME=VALUE --NAME=VALUE ...".
std::string words(const OptionTexts& texts) {
  std::string all;
  for (const auto& [name, value] : texts) all += (all.empty() ? "--" : " --") + name + "=" + value;
  return all;
}

// Returns the values of all run options as such a text.
std::string words(const RunOptions& run) {
  OptionTexts texts;
  for (const TrainOption& row : train_options()) {
    const std::string value = row.is_run_option() ? row.binding.get(run) : "";
    if (!value.empty()) texts.emplace_back(row.option.name, value);
  }
  return words(texts);
}

Options train_arguments(const std::string& words) {
  std::istringstream split(words);
  return Options(train_table(), {std::istream_iterator<std::string>(split), {}});
}

}  // namespace

TEST_CASE("train options: a run option that the first runs did not have says what they have") {
  const std::set<std::string> first = {
      "T",           "attention", "batch",  "beta-1",  "beta-T", "blocks", "channels", "clip-norm",
      "convolution", "data",      "decay",  "dropout", "ema",    "flip",   "groups",   "lr",
      "multipliers", "minutes",   "preset", "seed",    "steps",  "warmup"};
  for (const TrainOption& row : train_options()) {
    INFO(row.option.name);
    if (row.is_run_option()) CHECK((row.old_value == "") == (first.count(row.option.name) == 1));
  }
}

TEST_CASE("train options: a run that does not name an option of its network has the paper's network") {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder / "training");
  folder.put("training/options.json", read_bytes("tests/fuzz/corpus/run_options/steps.json"));
  const Options options = read_run_options(folder / ".");
  CHECK(options.value("head-channels") == "0");
  CHECK(options.value("down-padding") == "0");
  CHECK(options.value("norm-epsilon") == "1e-06");
  CHECK_FALSE(options.on("cosine-first"));
  CHECK(options.value("frequency-shift") == "1");
  const UnetConfig network = make_run_options(options, Bars(1, 8)).network, paper;
  CHECK(network.head_channels == paper.head_channels);
  CHECK(network.down_padding == paper.down_padding);
  CHECK(network.norm_epsilon == paper.norm_epsilon);
  CHECK(network.cosine_first == paper.cosine_first);
  CHECK(network.frequency_shift == paper.frequency_shift);
}

TEST_CASE(
    "train options: each run option of train sets its own member of RunOptions, which gives its text again") {
  const std::string given =
      "--data=digits --test=y.npy --transpose=on --range=0,16 --from=none --preset=mnist "
      "--channels=24 --multipliers=1,3 --blocks=3 --attention=28 --groups=12 --dropout=0.25 "
      "--head-channels=12 --down-padding=1 --norm-epsilon=0.5 --cosine-first=on --frequency-shift=0 "
      "--flip=on --T=7 --beta-1=0.01 --beta-T=0.3 --variance=beta --steps=11 --batch=5 "
      "--lr=0.125 --warmup=2 --decay=none --clip-norm=9 --ema=0.5 --seed=4 --convolution=direct";
  const RunOptions run = make_run_options(train_arguments(given), Bars(1, 28));
  CHECK(run.data.spec == "digits");
  CHECK(run.data.test == "y.npy");
  CHECK(run.data.transpose);
  REQUIRE(run.data.range);
  CHECK((run.data.range->low == 0 && run.data.range->high == 16));
  CHECK(run.from == "none");
  CHECK(run.preset == "mnist");
  CHECK(run.convolution == "direct");
  CHECK(run.network.channels == 24);
  CHECK(run.network.multipliers == std::vector<double>{1, 3});
  CHECK(run.network.blocks == 3);
  CHECK(run.network.attention == std::vector<bool>{true, false});
  CHECK(run.network.groups == 12);
  CHECK(run.network.dropout == 0.25);
  CHECK(run.network.head_channels == 12);
  CHECK(run.network.down_padding == 1);
  CHECK(run.network.norm_epsilon == 0.5);
  CHECK(run.network.cosine_first);
  CHECK(run.network.frequency_shift == 0);
  CHECK(run.batches.flip);
  CHECK(run.diffusion.schedule.T == 7);
  CHECK(run.diffusion.schedule.beta_1 == 0.01);
  CHECK(run.diffusion.schedule.beta_T == 0.3);
  CHECK(run.diffusion.reverse.variance == Variance::beta);
  CHECK(run.steps == 11);
  CHECK(run.batches.size == 5);
  CHECK(run.train.adam.learning_rate == 0.125);
  CHECK(run.train.adam.warmup == 2);
  CHECK_FALSE(run.train.adam.cosine);
  CHECK(run.train.adam.total_steps == 11);
  CHECK(run.train.adam.clip_norm == 9);
  CHECK(run.train.ema_decay == 0.5);
  CHECK(run.train.seed == 4);
  CHECK(words(run) == given);
}

TEST_CASE("train options: a run with the preset mnist has this options.json") {
  const Options options = train_arguments("--data digits --preset mnist");
  CHECK(words(run_texts(options, make_run_options(options, Bars(1, 28)))) ==
        "--data=digits --test=none --transpose=off --range=auto --from=none --preset=mnist "
        "--channels=32 --multipliers=1,2,2 --blocks=1 --attention=none --groups=8 --dropout=0 "
        "--head-channels=0 --down-padding=0 --norm-epsilon=1e-06 --cosine-first=off --frequency-shift=1 "
        "--flip=off --T=1000 --beta-1=0.0001 --beta-T=0.02 --variance=posterior --steps=6400 "
        "--batch=16 --lr=0.002 --warmup=150 --decay=cosine --clip-norm=1 --ema=0.995 --seed=0 "
        "--convolution=auto");
}

TEST_CASE("train options: train takes from the preset what the command line does not give") {
  for (const RunOptions& preset : presets()) {
    CAPTURE(preset.preset);
    Bars data(1, preset.network.image_size);
    data.C = preset.network.image_channels;
    const RunOptions run = make_run_options(train_arguments("--preset " + preset.preset), data);
    CHECK(run.network.image_size == data.H);
    CHECK(run.network.image_channels == data.C);
    CHECK(words(run) == words(preset));
    CHECK(run.train.adam.total_steps == preset.steps);

    const Options timed = train_arguments("--minutes 3 --preset " + preset.preset);
    const RunOptions minutes = make_run_options(timed, data);
    CHECK(minutes.steps == 0);
    CHECK(minutes.minutes == 3);
    CHECK_FALSE(minutes.train.adam.cosine);
    CHECK(minutes.train.adam.total_steps == 0);
  }
}

TEST_CASE("train options: attention of a preset stays with its levels, for other levels and images") {
  const auto attention = [](int size, const std::string& words) {
    return make_run_options(train_arguments(words), Bars(1, size)).network.attention;
  };
  CHECK(attention(32, "") == std::vector<bool>{false, true, false});
  CHECK(attention(28, "--multipliers 1,2") == std::vector<bool>{false, true});
  CHECK(attention(28, "--multipliers 1") == std::vector<bool>{false});
  CHECK(attention(32, "--multipliers 1,2,2,2") == std::vector<bool>{false, true, false, false});
  CHECK(attention(28, "--attention 7,28") == std::vector<bool>{true, false, true});
  CHECK(attention(28, "--attention none") == std::vector<bool>{false, false, false});
}

TEST_CASE(
    "train options: images of a size that no preset has get the recipe of mnist, on levels that halve them") {
  const auto run = [](int size, const std::string& words) {
    return make_run_options(train_arguments(words), Bars(1, size));
  };
  for (const auto& [size, levels] : {std::pair{8, 3}, {64, 3}, {30, 2}, {25, 1}, {36, 3}}) {
    const RunOptions small = run(size, "");
    CHECK(small.preset == "mnist");
    CHECK(small.network.levels() == levels);
    CHECK(small.network.image_size == size);
    CHECK(small.network.blocks == 1);
    const OptionTexts texts = run_texts(train_arguments(""), small);
    CHECK(std::count(texts.begin(), texts.end(), std::pair<std::string, std::string>{"preset", "mnist"}) ==
          1);
  }
  CHECK(run(28, "").preset == "tiny");
  CHECK(run(32, "").preset == "tiny");
  CHECK(run(64, "--multipliers 1,2").preset == "tiny");
  CHECK(run(64, "--preset tiny").preset == "tiny");
  CHECK(contains(
      error_of([&] { run(30, "--preset tiny"); }),
      "images of 30x30 cannot be halved 2 times for 3 levels: use --multipliers 1,2, or images whose size "
      "is divisible by 4"));
}

TEST_CASE("train options: the help of train shows the defaults of tiny") {
  std::map<std::string, std::string> meaning;
  for (const Option& option : train_table()) meaning[option.name] = option.meaning;
  CHECK(meaning["multipliers"].ends_with(" [the preset's; tiny: 1,2,2]"));
  CHECK(meaning["attention"].ends_with(" [the preset's; tiny: 14]"));
  CHECK(meaning["flip"].ends_with(" [the preset's; tiny: off]"));
  CHECK(meaning["lr"].ends_with(" [the preset's; tiny: 5e-04]"));
  CHECK(meaning["decay"].ends_with(" [the preset's; tiny: none]"));
  CHECK(meaning["preset"].ends_with(" [tiny; mnist for images of a size that no preset has]"));
  for (const std::string name : {"data", "transpose", "range", "from", "preset", "T", "minutes", "threads"})
    CHECK_MESSAGE(!contains(meaning[name], "the preset's"), name);
}

}  // namespace ddpm::test
