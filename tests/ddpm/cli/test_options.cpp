// Checks the command line's options (ddpm/cli/options.h): what is accepted and refused, the help, and how
// `ddpm train` makes a run's options of them (ddpm/cli/train_options.cpp, train_table.cpp).
#include <doctest/doctest.h>

#include <iterator>
#include <set>
#include <sstream>

#include "ddpm/cli/commands.h"
#include "ddpm/cli/options.h"
#include "ddpm/cli/train_options.h"
#include "ddpm/cli/train_table.h"
#include "ddpm/run/presets.h"
#include "tests/support/files.h"
#include "tests/support/scratch.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

const std::vector<Option>& table() {
  static const std::vector<Option> all = {{"count", "N", "64", "images", whole(1, 1000)},
                                          {"rate", "X", "", "a rate", number(0, 1)},
                                          {"list", "LIST", "", "levels", whole_list(1, 64, 3, Empty::none)},
                                          {"decay", "KIND", "none", "a kind", one_of({"none", "cosine"})},
                                          {"out", "F", "", "a file", any_text()},
                                          {"force", "", "", "a switch"}};
  return all;
}

std::string usage_error(const std::vector<std::string>& arguments) {
  try {
    Options(table(), arguments);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

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

TEST_CASE("options: a run option that the first runs did not have says what they have") {
  const std::set<std::string> first = {
      "T",           "attention", "batch",  "beta-1",  "beta-T", "blocks", "channels", "clip-norm",
      "convolution", "data",      "decay",  "dropout", "ema",    "flip",   "groups",   "lr",
      "multipliers", "minutes",   "preset", "seed",    "steps",  "warmup"};
  for (const TrainOption& row : train_options()) {
    INFO(row.option.name);
    if (row.is_run_option()) CHECK((row.old_value == "") == (first.count(row.option.name) == 1));
  }
}

TEST_CASE("options: a run that does not name an option of its network has the paper's network") {
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

TEST_CASE("options: have values, defaults and switches, in both spellings") {
  const Options options(table(), {"--count", "7", "--rate=0.25", "--force", "--list", "1,2,2"});
  CHECK(options.integer("count") == 7);
  CHECK(options.number("rate") == 0.25);
  CHECK(options.on("force"));
  CHECK(options.integers("list") == std::vector<int64_t>{1, 2, 2});
  CHECK(options.value("decay") == "none");
  CHECK_FALSE(options.given("decay"));
  CHECK_FALSE(options.has("out"));
  CHECK(contains(error_of([&] { options.value("out"); }), "--out F is missing: a file"));
  CHECK_FALSE(Options(table(), {"--force=off"}).on("force"));
  CHECK(Options(table(), {"--list", "none"}).integers("list").empty());
}

TEST_CASE("options: equal values have one text") {
  for (const std::string same : {"1e-3", "0.001", "0.00100", "1e-03", "1.0e-3"})
    CHECK(Options(table(), {"--rate", same}).value("rate") ==
          Options(table(), {"--rate", "0.001"}).value("rate"));
  CHECK(Options(table(), {"--count", "007"}).value("count") == "7");
}

TEST_CASE("options: a value that is no number, or out of range, is refused with the range") {
  for (const std::string bad : {"nan", "inf", "-5", "0", "1001", "1000000000000", "99999999999999999999",
                                "12abc", "1e2", "1.5", "+5", "0x10", ""})
    CHECK(usage_error({"--count=" + bad}) == "--count \"" + bad + "\": give a whole number from 1 to 1000");
  for (const std::string bad :
       {"nan", "-nan", "inf", "-inf", "-0.1", "1.01", "1e999", "0.5x", "x", "", "0,5"})
    CHECK(usage_error({"--rate=" + bad}) == "--rate \"" + bad + "\": give a number from 0 to 1");
  for (const std::string bad :
       {"", ",", "1,", ",1", "1,,2", "1,2,3,4", "0", "65", "1;2", "1.5", "None", "-1"})
    CHECK(contains(usage_error({"--list=" + bad}), "give 1 to 3 whole numbers from 1 to 64"));
  CHECK(usage_error({"--decay", "linear"}) == "--decay \"linear\": choose one of none, cosine");
  CHECK(usage_error({"--force=maybe"}) == "--force \"maybe\": choose one of on, off");
}

TEST_CASE("options: an unknown, repeated or missing one is refused") {
  CHECK(usage_error({"--cuont", "3"}) == "there is no option \"--cuont\"; did you mean --count?");
  CHECK(usage_error({"--zzzzzz"}) == "there is no option \"--zzzzzz\"; see --help");
  CHECK(usage_error({"--count", "3", "--count=3"}) == "--count is given twice; give it once");
  CHECK(usage_error({"--count"}) == "--count needs a value: --count N");
  CHECK(usage_error({"--out", "--force"}) == "--out needs a value: --out F");
  CHECK(contains(usage_error({"count"}), "options begin with --"));
  CHECK(contains(usage_error({"-c"}), "options begin with --"));
  CHECK(contains(usage_error({"--"}), "there is no option"));
  CHECK(contains(usage_error({""}), "is not an option"));
}

TEST_CASE("options: a message shows what was typed escaped and shortened") {
  const std::string many(5000, 'x'), shown = "\"" + std::string(60, 'x') + "...\" (4940 more)";
  CHECK(usage_error({many}) == shown + " is not an option: options begin with --; see --help");
  CHECK(usage_error({"--count", many}) == "--count " + shown + ": give a whole number from 1 to 1000");
  CHECK(contains(usage_error({"--" + many}), "there is no option \"--xxx"));
  CHECK(usage_error({"--" + many}).size() < 120);
  CHECK(usage_error({"--decay=\x1b[2J"}) == "--decay \"\\u001b[2J\": choose one of none, cosine");
  CHECK(usage_error({"--\x1b\xff"}) == "there is no option \"--\\u001b\\xff\"; see --help");
}

TEST_CASE("options: the nearest word is found") {
  CHECK(nearest("trian", {"train", "sample"}) == "train");
  CHECK(nearest("sampl", {"train", "sample"}) == "sample");
  CHECK(nearest("frobnicate", {"train", "sample"}) == "");
  CHECK(nearest("", {"train"}) == "");
}

TEST_CASE("options: help lists each one with its default") {
  std::ostringstream out;
  print_options(out, table());
  CHECK(contains(out.str(), "--count N"));
  CHECK(contains(out.str(), "[64]"));
  CHECK(contains(out.str(), "--force "));
}

TEST_CASE("options: the defaults of all commands") {
  std::string defaults;
  for (const auto command :
       {train_command, sample_command, predict_command, schedule_command, describe_command, score_command}) {
    defaults += "\n" + command().name + ":";
    for (const Option& option : command().options)
      if (option.fallback != "") defaults += " " + option.name + "=" + option.fallback;
  }
  CHECK(defaults ==
        "\ntrain: test=none transpose=off range=auto from=none T=1000 beta-1=0.0001 beta-T=0.02 seed=0 "
        "save-every=500 sample-every=5000 convolution=auto"
        "\nsample: count=64 out=samples.png seed=0 weights=ema batch=64 convolution=auto"
        "\npredict: convolution=auto"
        "\nschedule: kind=linear T=1000 beta-1=0.0001 beta-T=0.02"
        "\ndescribe: batch=64"
        "\nscore: data=data/mnist test=none transpose=off range=auto count=64 seeds=3 seed=0 "
        "weights=ema batch=64 convolution=auto");
}

TEST_CASE("options: each run option of train sets its own member of RunOptions, which gives its text again") {
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

TEST_CASE("options: a run with the preset mnist has this options.json") {
  const Options options = train_arguments("--data digits --preset mnist");
  CHECK(words(run_texts(options, make_run_options(options, Bars(1, 28)))) ==
        "--data=digits --test=none --transpose=off --range=auto --from=none --preset=mnist "
        "--channels=32 --multipliers=1,2,2 --blocks=1 --attention=none --groups=8 --dropout=0 "
        "--head-channels=0 --down-padding=0 --norm-epsilon=1e-06 --cosine-first=off --frequency-shift=1 "
        "--flip=off --T=1000 --beta-1=0.0001 --beta-T=0.02 --variance=posterior --steps=6400 "
        "--batch=16 --lr=0.002 --warmup=150 --decay=cosine --clip-norm=1 --ema=0.995 --seed=0 "
        "--convolution=auto");
}

TEST_CASE("options: train takes from the preset what the command line does not give") {
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

TEST_CASE("options: attention of a preset stays with its levels, for other levels and images") {
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

}  // namespace ddpm::test
