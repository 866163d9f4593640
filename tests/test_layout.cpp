// The layers point one way: kernels → tensor → nn → ddpm → the program. A file
// includes its own layer and the ones before it, nothing else of ours.
#include <doctest/doctest.h>

#include <map>
#include <regex>

#include "tests/source.h"

namespace {

std::string folder(const std::string& path) { return path.substr(0, path.find('/')); }

// 0 for kernels, 1 for tensor, …; the program (ddpm/cli) comes after ddpm.
int layer(const std::string& path) {
  const std::map<std::string, int> order{{"kernels", 0}, {"tensor", 1}, {"nn", 2}, {"ddpm", 3}, {"tests", 5}};
  return path.rfind("ddpm/cli/", 0) == 0 ? 4 : order.at(folder(path));
}

}  // namespace

TEST_CASE("includes point down the layers, and name files that exist") {
  const std::regex include("#include \"([^\"]+)\"");
  int seen = 0;
  for (const std::string& file : source_files()) {
    const std::string source = read_source(file);
    for (std::sregex_iterator it(source.begin(), source.end(), include), end; it != end; ++it) {
      const std::string included = (*it)[1];
      INFO(file, " includes ", included);
      CHECK(std::filesystem::exists(included));
      CHECK(layer(included) <= layer(file));
      ++seen;
    }
  }
  CHECK(seen > 100);
}

TEST_CASE("a backend's insides stay inside: only its folder and the bench include them") {
  for (const std::string& file : source_files()) {
    if (file.rfind("kernels/cpu/", 0) == 0 || file.rfind("tests/bench/", 0) == 0) continue;
    INFO(file);
    CHECK(read_source(file).find("#include \"kernels/cpu/") == std::string::npos);
  }
}

TEST_CASE("every source file opens with a comment that says what it is") {
  for (const std::string& file : source_files()) {
    INFO(file);
    CHECK(read_source(file).rfind("//", 0) == 0);
  }
}
