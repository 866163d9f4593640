// Checks the example (ddpm/example/digits.cpp): it writes its picture and has at most 40 lines. The tests run
// a copy with few steps and a short chain, which .compile.mk makes. walkthrough.md quotes it.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/scratch.h"
#include "tests/support/source.h"

#include EXAMPLE_SHORT

namespace ddpm::test {

namespace {

// Makes a folder the current one while the object lives.
struct WorkIn {
  const std::filesystem::path before = std::filesystem::current_path();
  explicit WorkIn(const std::string& folder) { std::filesystem::current_path(folder); }
  ~WorkIn() { std::filesystem::current_path(before); }
};

}  // namespace

TEST_CASE("example: trains, samples and writes digits.png") {
  REQUIRE(contains(read_source(EXAMPLE_SHORT), "const int steps = 2, T = 3;"));
  const ScratchFolder folder;
  {
    const WorkIn there(folder / "");
    short_example();
  }
  const std::string png = read_source(folder / "digits.png");
  REQUIRE(png.size() > 24);
  CHECK(png.substr(1, 3) == "PNG");
  // Width and height: 4 images of 28 pixels, enlarged by 2, and 5 lines between and around them.
  const int side = 4 * 2 * 28 + 5;
  for (const size_t at : {16, 20}) CHECK(256 * uint8_t(png[at + 2]) + uint8_t(png[at + 3]) == side);
}

TEST_CASE("example: at most 40 lines") {
  const std::string source = read_source("ddpm/example/digits.cpp");
  CHECK(std::count(source.begin(), source.end(), '\n') <= 40);
}

}  // namespace ddpm::test
