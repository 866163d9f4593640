// The three tables of "The path of a reader" in walkthrough.md, compared with the sources: the file of each
// row has its function, and the file of an earlier row has the text of the call that leads there.
#include <doctest/doctest.h>

#include <regex>
#include <set>

#include "kernels/types.h"
#include "tests/support/source.h"

namespace ddpm::test {

namespace {

struct Step {
  std::string file, function;
  std::string call, caller;  // the text of the call and its file; empty at the start of a path
};
using Path = std::vector<Step>;

// Returns one Path for each table with rows "| `file` | `function` | ... `call` in `caller` ... |".
std::vector<Path> paths(const std::string& page) {
  const std::regex row(R"(\| `([^`]+)` \| `([^`]+)` \| (.*) \|)"), call("`([^`]+)` in `([^`]+)`");
  std::vector<Path> all;
  bool in_table = false;
  std::istringstream lines(page.substr(page.find("## The path of a reader")));
  for (std::string line; std::getline(lines, line) && line.rfind("## Where", 0) != 0;) {
    if (line == "| file | function | called by |") all.emplace_back(), in_table = true;
    std::smatch cells, how;
    if (line.empty()) in_table = false;
    if (!in_table || line == "| file | function | called by |" || line == "|---|---|---|") continue;
    if (!std::regex_match(line, cells, row)) fail("a row of a path cannot be read: ", line);
    const std::string third = cells[3];
    const bool called = std::regex_search(third, how, call);
    all.back().push_back({cells[1], cells[2], called ? how[1].str() : "", called ? how[2].str() : ""});
  }
  return all;
}

// Removes white space, so that a line break in a call does not matter.
std::string squeezed(const std::string& text) { return std::regex_replace(text, std::regex("\\s+"), ""); }

// Returns what is wrong with a path, "" if nothing is.
std::string complaints(const Path& path) {
  std::string wrong;
  std::set<std::string> entered;
  for (const Step& step : path) {
    const std::string source = squeezed(read_source(step.file));
    if (source.find(squeezed(step.function) + "(") == source.npos)
      wrong += step.file + " has no " + step.function + "\n";
    if (entered.empty() != step.call.empty()) wrong += step.file + ": which call leads here?\n";
    if (!step.call.empty() && !entered.count(step.caller)) wrong += step.caller + " was not entered before\n";
    if (!step.call.empty() && squeezed(read_source(step.caller)).find(squeezed(step.call)) == source.npos)
      wrong += step.caller + " does not hold " + step.call + "\n";
    if (!entered.insert(step.file).second) wrong += step.file + " is entered twice\n";
  }
  return wrong;
}

}  // namespace

TEST_CASE("paths: each call is in the file before, and no file is entered twice") {
  const std::vector<Path> all = paths(read_source("walkthrough.md"));
  REQUIRE(all.size() == 3);
  for (const Path& path : all) CHECK(complaints(path) == "");
}

TEST_CASE("paths: line 5 reaches the multiply-add through 6 files, the contract and 4 files") {
  const Path line_5 = paths(read_source("walkthrough.md")).at(0);
  size_t contract = 0;
  while (line_5.at(contract).file != "kernels/kernels.h") ++contract;
  CHECK(contract <= 7);
  CHECK(line_5.size() - contract - 1 <= 5);
  for (size_t i = 1; i < line_5.size(); ++i) CHECK(line_5[i].caller == line_5[i - 1].file);
  CHECK(line_5.back().function == "mul_add");
}

TEST_CASE("paths: Algorithm 1 takes 18 files (at most 20), Algorithm 2 takes 6") {
  const std::vector<Path> all = paths(read_source("walkthrough.md"));
  CHECK(all.at(1).size() == 18);
  CHECK(all.at(2).size() == 6);
}

TEST_CASE("paths: a row that cannot be read is an error") {
  const std::string table = "## The path of a reader\n\n| file | function | called by |\n|---|---|---|\n";
  CHECK(paths(table + "| `a/b.cpp` | `f` | start here |\n").at(0).size() == 1);
  CHECK_THROWS_AS(paths(table + "| a/b.cpp | `f` | start here |\n"), Error);
}

TEST_CASE("paths: a missing call, and a file that is entered twice or out of order, are noticed") {
  const Path good{{"ddpm/sample.cpp", "sample", "", ""},
                  {"ddpm/posterior.cpp", "posterior_mean", "posterior_mean(schedule", "ddpm/sample.cpp"}};
  CHECK(complaints(good) == "");
  Path other = good;
  other[1].call = "posterior_mean(schedules";
  CHECK(complaints(other) == "ddpm/sample.cpp does not hold posterior_mean(schedules\n");
  other = good, other[1].function = "prior_mean";
  CHECK(complaints(other) == "ddpm/posterior.cpp has no prior_mean\n");
  other = good, other.push_back(good[1]);
  CHECK(complaints(other) == "ddpm/posterior.cpp is entered twice\n");
  other = good, other[1].caller = "ddpm/reverse.cpp";
  CHECK(complaints(other) == "ddpm/reverse.cpp was not entered before\nddpm/reverse.cpp does not hold "
                             "posterior_mean(schedule\n");
}

}  // namespace ddpm::test
