// The command line's options: what is accepted, what is refused and how.
#include "ddpm/cli/options.h"

#include <doctest/doctest.h>

#include "ddpm/cli/commands.h"
#include "ddpm/cli/train_options.h"
#include "ddpm/run/presets.h"
#include "tests/scratch.h"
#include "tests/tiny.h"

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

}  // namespace

TEST_CASE("options: values, defaults, switches and both spellings") {
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

TEST_CASE("options: values have one canonical text") {
  for (const std::string same : {"1e-3", "0.001", "0.00100", "1e-03", "1.0e-3"})
    CHECK(Options(table(), {"--rate", same}).value("rate") ==
          Options(table(), {"--rate", "0.001"}).value("rate"));
  CHECK(Options(table(), {"--count", "007"}).value("count") == "7");
}

TEST_CASE("options: what is no number, or out of range, is refused with the range") {
  for (const std::string bad : {"nan", "inf", "-5", "0", "1001", "1000000000000", "99999999999999999999",
                                "12abc", "1e2", "1.5", "+5", "0x10", ""})
    CHECK(usage_error({"--count=" + bad}) == "--count " + bad + ": give a whole number from 1 to 1000");
  for (const std::string bad :
       {"nan", "-nan", "inf", "-inf", "-0.1", "1.01", "1e999", "0.5x", "x", "", "0,5"})
    CHECK(usage_error({"--rate=" + bad}) == "--rate " + bad + ": give a number from 0 to 1");
  for (const std::string bad :
       {"", ",", "1,", ",1", "1,,2", "1,2,3,4", "0", "65", "1;2", "1.5", "None", "-1"})
    CHECK(contains(usage_error({"--list=" + bad}), "give 1 to 3 whole numbers from 1 to 64"));
  CHECK(usage_error({"--decay", "linear"}) == "--decay linear: choose one of none, cosine");
  CHECK(usage_error({"--force=maybe"}) == "--force maybe: choose one of on, off");
}

TEST_CASE("options: unknown, repeated, missing") {
  CHECK(usage_error({"--cuont", "3"}) == "there is no option --cuont; did you mean --count?");
  CHECK(usage_error({"--zzzzzz"}) == "there is no option --zzzzzz; see --help");
  CHECK(usage_error({"--count", "3", "--count=3"}) == "--count is given twice; give it once");
  CHECK(usage_error({"--count"}) == "--count needs a value: --count N");
  CHECK(usage_error({"--out", "--force"}) == "--out needs a value: --out F");
  CHECK(contains(usage_error({"count"}), "options begin with --"));
  CHECK(contains(usage_error({"-c"}), "options begin with --"));
  CHECK(contains(usage_error({"--"}), "there is no option"));
  CHECK(contains(usage_error({""}), "is not an option"));
}

TEST_CASE("options: nearest word") {
  CHECK(nearest("trian", {"train", "sample"}) == "train");
  CHECK(nearest("sampl", {"train", "sample"}) == "sample");
  CHECK(nearest("frobnicate", {"train", "sample"}) == "");
  CHECK(nearest("", {"train"}) == "");
}

TEST_CASE("options: help lists every option with its default") {
  std::ostringstream out;
  print_options(out, table());
  CHECK(contains(out.str(), "--count N"));
  CHECK(contains(out.str(), "[64]"));
  CHECK(contains(out.str(), "--force "));
}

TEST_CASE("options: the commands' defaults") {
  std::string defaults;
  for (const auto command :
       {train_command, sample_command, predict_command, schedule_command, describe_command, score_command}) {
    defaults += "\n" + command().name + ":";
    for (const Option& option : command().options)
      if (option.fallback != "") defaults += " " + option.name + "=" + option.fallback;
  }
  CHECK(defaults ==
        "\ntrain: preset=tiny T=1000 beta-1=0.0001 beta-T=0.02 seed=0 save-every=500 sample-every=5000 "
        "convolution=auto"
        "\nsample: count=64 out=samples.png seed=0 weights=ema batch=64 convolution=auto"
        "\npredict: convolution=auto"
        "\nschedule: kind=linear T=1000 beta-1=0.0001 beta-T=0.02"
        "\ndescribe: batch=64"
        "\nscore: data=data/mnist count=64 seeds=3 seed=0 weights=ema batch=64 convolution=auto");
}

TEST_CASE("options: train takes from the preset what the command line leaves open") {
  for (const Preset& preset : presets()) {
    CAPTURE(preset.name);
    Bars data(1, preset.network.image_size);
    data.C = preset.network.image_channels;
    Options options(train_table(), {"--preset", preset.name, "--T", "7", "--beta-1", "0.01", "--beta-T",
                                    "0.3", "--seed", "5"});
    const RunOptions run = make_run_options(options, data);
    const UnetConfig &network = run.network, &want = preset.network;
    CHECK(network.image_size == want.image_size);
    CHECK(network.image_channels == want.image_channels);
    CHECK(network.channels == want.channels);
    CHECK(network.multipliers == want.multipliers);
    CHECK(network.blocks == want.blocks);
    CHECK(network.attention == want.attention);
    CHECK(network.groups == want.groups);
    CHECK(network.dropout == want.dropout);
    const Recipe& recipe = preset.recipe;
    CHECK(run.steps == recipe.steps);
    CHECK(run.batches.size == recipe.batch);
    CHECK(run.batches.flip == recipe.flip);
    CHECK(run.train.adam.learning_rate == recipe.learning_rate);
    CHECK(run.train.adam.warmup == recipe.warmup);
    CHECK(run.train.adam.cosine == recipe.cosine);
    CHECK(run.train.adam.total_steps == recipe.steps);
    CHECK(run.train.adam.clip_norm == recipe.clip_norm);
    CHECK(run.train.ema_decay == recipe.ema_decay);
    CHECK(run.train.seed == 5);
    CHECK(run.diffusion.reverse.variance == recipe.variance);
    CHECK(run.diffusion.schedule.T == 7);
    CHECK(run.diffusion.schedule.beta_1 == 0.01);
    CHECK(run.diffusion.schedule.beta_T == 0.3);

    Options timed(train_table(), {"--preset", preset.name, "--minutes", "3"});
    const RunOptions minutes = make_run_options(timed, data);
    CHECK(minutes.steps == 0);
    CHECK(minutes.minutes == 3);
    CHECK_FALSE(minutes.train.adam.cosine);
  }
}

}  // namespace ddpm::test
