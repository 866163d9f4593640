// The layers point one way: kernels → tensor → nn → ddpm, and the rooms of ddpm/ as well. A file
// includes its own room and those that the table below allows it, nothing else of ours.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/source.h"

namespace ddpm::test {

namespace {

std::string folder(const std::string& path) { return path.substr(0, path.find('/')); }

// "kernels", "ddpm" (the paper), "ddpm/formats", …: the room that a file lies in.
std::string room(const std::string& path) {
  if (folder(path) != "ddpm") return folder(path);
  return path.substr(0, path.rfind('/'));
}

// Who may include whom, besides their own room.
const std::map<std::string, std::set<std::string>> allowed{
    {"kernels", {}},
    {"tensor", {"kernels"}},
    {"nn", {"kernels", "tensor"}},
    // The paper, and beside it bytes on disk and the images in them: neither knows the other.
    {"ddpm", {"kernels", "tensor", "nn"}},
    {"ddpm/formats", {"kernels"}},
    {"ddpm/data", {"kernels", "tensor", "ddpm/formats"}},
    // The one room that knows both our network and schedule and the diffusers library's files.
    {"ddpm/diffusers", {"kernels", "tensor", "nn", "ddpm", "ddpm/formats"}},
    {"ddpm/run", {"kernels", "tensor", "nn", "ddpm", "ddpm/formats", "ddpm/data", "ddpm/diffusers"}},
    {"ddpm/score",
     {"kernels", "tensor", "nn", "ddpm", "ddpm/formats", "ddpm/data", "ddpm/diffusers", "ddpm/run"}},
    {"ddpm/example", {"kernels", "tensor", "nn", "ddpm", "ddpm/data"}},
    {"ddpm/cli",
     {"kernels", "tensor", "nn", "ddpm", "ddpm/formats", "ddpm/data", "ddpm/diffusers", "ddpm/run",
      "ddpm/score"}},
};

bool may_include(const std::string& from, const std::string& to) {
  return from == to || from == "tests" || allowed.at(from).count(to) > 0;
}

// The parts of the source that stand in quotes, comments left out.
std::vector<std::string> literals(const std::string& source) {
  const std::regex token("//[^\\n]*|\"((?:[^\"\\\\\\n]|\\\\.)*)\"");
  std::vector<std::string> found;
  for (std::sregex_iterator it(source.begin(), source.end(), token), end; it != end; ++it)
    if ((*it)[1].matched) found.push_back((*it)[1]);
  return found;
}

// What .editorconfig says of every file.
size_t longest_allowed() {
  const std::string config = read_source(".editorconfig"), key = "max_line_length = ";
  REQUIRE(config.find(key) != std::string::npos);
  return std::stoul(config.substr(config.find(key) + key.size()));
}

// Characters, not bytes: of UTF-8's bytes those that begin one.
size_t width(const std::string& line) {
  return size_t(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

TEST_CASE("layout: includes follow the table of rooms, and name files that exist") {
  const std::regex include("#include \"([^\"]+)\"");
  int seen = 0;
  for (const std::string& file : source_files()) {
    const std::string source = read_source(file);
    for (std::sregex_iterator it(source.begin(), source.end(), include), end; it != end; ++it) {
      const std::string included = (*it)[1];
      INFO(file, " includes ", included);
      CHECK(std::filesystem::exists(included));
      CHECK(may_include(room(file), room(included)));
      ++seen;
    }
  }
  CHECK(seen > 100);
}

TEST_CASE("layout: no two files within ddpm/ share a name") {
  std::map<std::string, std::string> seen;  // stem -> the path without its ending
  for (const std::string& file : source_files()) {
    if (folder(file) != "ddpm") continue;
    const std::string path = file.substr(0, file.rfind('.')), stem = path.substr(path.rfind('/') + 1);
    INFO(file);
    CHECK(seen.emplace(stem, path).first->second == path);
  }
}

TEST_CASE("layout: nothing below cli/ names a command-line option") {
  CHECK(literals("a(\"--x\"); // \"--y\"").size() == 1);
  const std::regex option("--[a-zA-Z]");
  for (const std::string& file : source_files()) {
    if (room(file) == "ddpm/cli" || folder(file) == "tests") continue;
    for (const std::string& literal : literals(read_source(file))) {
      INFO(file, ": ", literal);
      CHECK_FALSE(std::regex_search(literal, option));
    }
  }
}

TEST_CASE("layout: every reason of an error has its advice, and every advice its error") {
  const std::regex reason("fail_for\\(\"([^\"]+)\""), line("\\n    \\{\"([^\"]+)\", \"");
  std::set<std::string> given, known;
  for (const std::string& file : source_files()) {
    if (folder(file) == "tests" || folder(file) == "kernels") continue;
    const std::string source = read_source(file);
    given.insert(std::sregex_token_iterator(source.begin(), source.end(), reason, 1), {});
  }
  const std::string table = read_source("ddpm/cli/advice.cpp");
  known.insert(std::sregex_token_iterator(table.begin(), table.end(), line, 1), {});
  CHECK(given.size() >= 10);
  CHECK(given == known);
}

TEST_CASE("a backend's insides stay inside: only its folder and the bench include them") {
  for (const std::string& file : source_files()) {
    if (file.rfind("kernels/cpu/", 0) == 0 || file.rfind("tests/bench/", 0) == 0) continue;
    INFO(file);
    CHECK(read_source(file).find("#include \"kernels/cpu/") == std::string::npos);
  }
}

TEST_CASE("layout: only kernels read or write a gradient's memory; others hand it to them") {
  const std::regex access("\\.(target|so_far)\\(\\)"), hand_over("\\.read\\(\\)");
  std::set<std::string> handing;
  for (const std::string& file : source_files()) {
    if (folder(file) == "kernels" || folder(file) == "tests") continue;
    INFO(file);
    const std::string source = read_source(file);
    CHECK_FALSE(std::regex_search(source, access));
    if (std::regex_search(source, hand_over)) handing.insert(file);
  }
  CHECK(handing == std::set<std::string>{"nn/optimizer.cpp", "tensor/ops.cpp", "tensor/tensor.cpp"});
}

TEST_CASE("every source file opens with a comment that says what it is") {
  for (const std::string& file : source_files()) {
    INFO(file);
    CHECK(read_source(file).rfind("//", 0) == 0);
  }
}

TEST_CASE("layout: ddpm/ is ASCII, so that a symbol is spelled as in the code: alpha_bar_t") {
  for (const std::string& file : source_files({".h", ".cpp", ".sh"})) {
    if (folder(file) != "ddpm") continue;
    std::istringstream lines(read_source(file));
    for (std::string line; std::getline(lines, line);) {
      INFO(file, ": ", line);
      CHECK(std::all_of(line.begin(), line.end(), [](char c) { return uint8_t(c) < 128; }));
    }
  }
}

TEST_CASE("no line is longer than .editorconfig says") {
  const size_t longest = longest_allowed();
  std::vector<std::string> files = source_files({".h", ".cpp", ".sh"});
  files.insert(files.end(), {"Makefile", ".compile.mk"});
  std::string too_long;
  int seen = 0;
  for (const std::string& file : files) {
    std::istringstream lines(read_source(file));
    int number = 0;
    for (std::string line; std::getline(lines, line); ++seen) {
      ++number;
      if (width(line) > longest) too_long += file + ":" + std::to_string(number) + "\n";
    }
  }
  CHECK(too_long == "");
  CHECK(seen > 10000);
}

}  // namespace ddpm::test
