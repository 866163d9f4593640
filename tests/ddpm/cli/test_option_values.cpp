// Checks the values that options take as lists of numbers (ddpm/cli/option_values.cpp). The other kinds of
// values: tests/ddpm/cli/test_options.cpp.
#include <doctest/doctest.h>

#include "ddpm/cli/options.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

TEST_CASE("option values: a list of numbers, and a range of two or auto") {
  static const std::vector<Option> lists = {{"list", "LIST", "", "numbers", number_list(0.5, 64, 3)},
                                            {"range", "A,B", "auto", "a range", range_or_auto()}};
  const auto numbers = [](const std::string& name, const std::string& value) {
    return Options(lists, {"--" + name + "=" + value}).numbers(name);
  };
  CHECK(numbers("list", "1,1.5,0.50") == std::vector<double>{1, 1.5, 0.5});
  CHECK(numbers("range", "-1,1e2") == std::vector<double>{-1, 100});
  CHECK(numbers("range", "auto").empty());
  CHECK(Options(lists, {}).numbers("range").empty());
  CHECK(Options(lists, {"--range", "0.0,16.0"}).value("range") == "0,16");
  for (const std::string bad : {"", "1,", "1,2,3,4", "0.4", "65", "1;2", "nan", "auto"})
    CHECK_MESSAGE(contains(error_of([&] { numbers("list", bad); }), "give 1 to 3 numbers from 0.5 to 64"),
                  bad);
  for (const std::string bad : {"", "1", "1,1", "2,1", "0,1,2", "nan,1", "0,inf", "none", "0:16"})
    CHECK_MESSAGE(contains(error_of([&] { numbers("range", bad); }), "give two numbers A,B with A < B"), bad);
}

}  // namespace ddpm::test
