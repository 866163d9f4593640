// Checks how `ddpm train` chooses the recipe of a run (ddpm/cli/train_options.cpp), and what its help says of
// it. The values of its options: tests/ddpm/cli/test_options.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <sstream>

#include "ddpm/cli/train_options.h"
#include "ddpm/cli/train_table.h"
#include "tests/support/scratch.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

Options train_arguments(const std::string& words) {
  std::istringstream split(words);
  return Options(train_table(), {std::istream_iterator<std::string>(split), {}});
}

}  // namespace

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
