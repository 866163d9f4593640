// Checks the command line's options (ddpm/cli/options.h): what is accepted and refused, and the help.
// Those of `ddpm train`: tests/ddpm/cli/test_train_options.cpp.
#include <doctest/doctest.h>

#include <sstream>

#include "ddpm/cli/commands.h"
#include "ddpm/cli/options.h"
#include "tests/support/scratch.h"

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

}  // namespace ddpm::test
