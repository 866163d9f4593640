// walkthrough.md's table of departures against the marks in the code, both ways.
#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>

#include "tests/source.h"

namespace {

// "Departure 3" in the code: number -> the files that carry the mark.
std::map<int, std::set<std::string>> marks() {
  const std::regex mark("// Departure ([0-9]+)\\b");
  std::map<int, std::set<std::string>> found;
  for (const std::string& file : source_files()) {
    if (file.rfind("tests/", 0) == 0) continue;
    const std::string source = read_source(file);
    for (std::sregex_iterator it(source.begin(), source.end(), mark), end; it != end; ++it)
      found[std::stoi((*it)[1])].insert(file);
  }
  return found;
}

// The table's rows, "| 3 | … | `file`, `file` |": number -> the files it names.
std::map<int, std::set<std::string>> rows() {
  const std::regex row("\\n\\| ([0-9]+) \\|([^\\n]*)\\|"), file("`([a-z_]+/[a-z_/]+\\.[a-z]+)`");
  std::map<int, std::set<std::string>> found;
  const std::string page = read_source("walkthrough.md");
  for (std::sregex_iterator it(page.begin(), page.end(), row), end; it != end; ++it) {
    const int number = std::stoi((*it)[1]);
    INFO("departure ", number, " has two rows");
    CHECK(found.count(number) == 0);
    const std::string text = (*it)[2];
    for (std::sregex_iterator f(text.begin(), text.end(), file), last; f != last; ++f)
      found[number].insert((*f)[1]);
  }
  return found;
}

}  // namespace

TEST_CASE("every departure in the code has its row in walkthrough.md, and every row its mark") {
  const auto code = marks(), table = rows();
  CHECK(!code.empty());
  for (const auto& [number, files] : code) {
    INFO("Departure ", number);
    REQUIRE(table.count(number) == 1);
    CHECK(table.at(number) == files);
  }
  for (const auto& [number, files] : table) {
    INFO("row ", number);
    CHECK(code.count(number) == 1);
  }
}

TEST_CASE("departures are numbered 1, 2, 3, … without a gap") {
  int next = 1;
  for (const auto& [number, files] : marks()) CHECK(number == next++);
}
