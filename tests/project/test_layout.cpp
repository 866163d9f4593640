// The layout of the sources: which folder may include which, where names are unique, what the names of test
// cases begin with, and the form of every file (head comment, ASCII, line length).
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "tests/support/cases.h"

namespace ddpm::test {

namespace {

std::string folder(const std::string& path) { return path.substr(0, path.find('/')); }

// Returns the room of a file: "kernels", "ddpm" (the paper), "ddpm/formats", ....
std::string room(const std::string& path) {
  if (folder(path) != "ddpm") return folder(path);
  return path.substr(0, path.rfind('/'));
}

// Which rooms a room may include, besides itself.
const std::map<std::string, std::set<std::string>> allowed{
    {"kernels", {}},
    {"tensor", {"kernels"}},
    {"nn", {"kernels", "tensor"}},
    // The paper; and formats and data, which do not depend on it, nor it on them.
    {"ddpm", {"kernels", "tensor", "nn"}},
    {"ddpm/formats", {"kernels"}},
    {"ddpm/machine", {"kernels"}},
    {"ddpm/data", {"kernels", "tensor", "ddpm/formats"}},
    // The only room that uses both the network and schedule and the file formats of diffusers.
    {"ddpm/diffusers", {"kernels", "tensor", "nn", "ddpm", "ddpm/formats"}},
    {"ddpm/run", {"kernels", "tensor", "nn", "ddpm", "ddpm/formats", "ddpm/data", "ddpm/diffusers"}},
    {"ddpm/score",
     {"kernels", "tensor", "nn", "ddpm", "ddpm/formats", "ddpm/data", "ddpm/diffusers", "ddpm/run"}},
    {"ddpm/figures",
     {"kernels", "tensor", "nn", "ddpm", "ddpm/formats", "ddpm/data", "ddpm/diffusers", "ddpm/run"}},
    {"ddpm/example", {"kernels", "tensor", "nn", "ddpm", "ddpm/data"}},
    {"ddpm/cli",
     {"kernels", "tensor", "nn", "ddpm", "ddpm/formats", "ddpm/data", "ddpm/diffusers", "ddpm/run",
      "ddpm/score", "ddpm/figures", "ddpm/machine"}},
};

bool may_include(const std::string& from, const std::string& to) {
  return from == to || from == "tests" || allowed.at(from).count(to) > 0;
}

// Returns the string literals of the source, without those in comments.
std::vector<std::string> literals(const std::string& source) {
  const std::regex token("//[^\\n]*|\"((?:[^\"\\\\\\n]|\\\\.)*)\"");
  std::vector<std::string> found;
  for (std::sregex_iterator it(source.begin(), source.end(), token), end; it != end; ++it)
    if ((*it)[1].matched) found.push_back((*it)[1]);
  return found;
}

// Returns the longest line that .editorconfig allows.
size_t longest_allowed() {
  const std::string config = read_source(".editorconfig"), key = "max_line_length = ";
  REQUIRE(config.find(key) != std::string::npos);
  return std::stoul(config.substr(config.find(key) + key.size()));
}

// Returns the number of characters: of the bytes of UTF-8, those that begin a character.
size_t width(const std::string& line) {
  return size_t(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// Returns what breaks the rule of names: every case begins with the thing that it tests, "posterior: ", and
// all cases about a thing are in one file. `owner` maps the things of the files seen before to these files.
std::string misnamed(const std::string& file, const std::vector<std::string>& names,
                     std::map<std::string, std::string>& owner) {
  std::string wrong;
  for (const std::string& name : names) {
    const std::string thing = thing_of(name);
    if (thing.empty()) wrong += file + ": \"" + name + "\" does not begin with a thing\n";
    if (!thing.empty() && owner.emplace(thing, file).first->second != file)
      wrong += file + ": \"" + thing + "\" belongs to " + owner.at(thing) + "\n";
  }
  return wrong;
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

TEST_CASE(
    "layout: the cases of a test file begin with its own thing, so that -tc='posterior:*' selects them") {
  std::map<std::string, std::string> owner;
  int files = 0;
  for (const std::string& file : source_files({".cpp"})) {
    if (!file.starts_with("tests/")) continue;
    const std::vector<std::string> names = case_names(read_source(file));
    CHECK(misnamed(file, names, owner) == "");
    files += !names.empty();
  }
  CHECK(files > 30);
  CHECK(owner.at("Eq. (7)") == "tests/equations/posterior.cpp");
  CHECK(owner.at("posterior") == "tests/ddpm/test_posterior.cpp");
}

TEST_CASE("layout: a case without a thing, or with a thing of another file, is noticed") {
  CHECK(case_names(
            "TEST_CASE(\"a: b\") {\nTEST_CASE(\n    \"c\" * x) {\nEQUATION(7, \"d\",\nALGORITHM(2, \"e\",") ==
        std::vector<std::string>{"a: b", "c", "Eq. (7): d", "Algorithm 2: e"});
  std::map<std::string, std::string> owner;
  CHECK(misnamed("x.cpp", {"a: 1", "a: 2"}, owner) == "");
  CHECK(misnamed("y.cpp", {"Eq. (7): 1", "Eq. (8): 2"}, owner) == "");
  CHECK(misnamed("z.cpp", {"c"}, owner) == "z.cpp: \"c\" does not begin with a thing\n");
  CHECK(misnamed("z.cpp", {"a: 3"}, owner) == "z.cpp: \"a\" belongs to x.cpp\n");
  CHECK(misnamed("z.cpp", {"Eq. (7): 3"}, owner) == "z.cpp: \"Eq. (7)\" belongs to y.cpp\n");
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

TEST_CASE("layout: every reason of an error or a note has its advice, and every advice its reason") {
  const std::regex reason("(?:fail|note)_for\\(\"([^\"]+)\""), line("\\n    \\{\"([^\"]+)\", \"");
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

TEST_CASE("layout: only kernels/cpu and the bench include the headers of kernels/cpu") {
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

TEST_CASE("layout: every source file begins with a comment that says what it is") {
  for (const std::string& file : source_files()) {
    INFO(file);
    CHECK(read_source(file).rfind("//", 0) == 0);
  }
}

TEST_CASE("layout: ddpm/ and the tests are ASCII, so that a symbol is spelled as in the code: alpha_bar_t") {
  for (const std::string& file : source_files({".h", ".cpp", ".sh"})) {
    if (folder(file) != "ddpm" && folder(file) != "tests") continue;
    std::istringstream lines(read_source(file));
    for (std::string line; std::getline(lines, line);) {
      INFO(file, ": ", line);
      CHECK(std::all_of(line.begin(), line.end(), [](char c) { return uint8_t(c) < 128; }));
    }
  }
}

TEST_CASE("layout: no line is longer than .editorconfig says") {
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
