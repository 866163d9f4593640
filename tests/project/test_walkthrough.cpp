// walkthrough.md's two tables, of departures and of equations and algorithms,
// against the marks in the code and the tests' cases, both ways.
#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>

#include "tests/support/marks.h"

namespace ddpm::test {

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

// A row of the index, "| Eq. (7) | what it says | `f`, `g` in `file` | `test file` |".
struct IndexRow {
  std::string what;
  std::set<std::string> functions, files, tests;
};

std::set<std::string> quoted(const std::string& cell) {
  const std::regex quote("`([^`]+)`");
  return {std::sregex_token_iterator(cell.begin(), cell.end(), quote, 1), {}};
}

// The index in the page's order: "Eq. (1)", …, "Algorithm 2".
std::vector<IndexRow> index_rows() {
  const std::regex row("\\n\\| (Eq\\. \\([0-9]+\\)|Algorithm [0-9]+) "
                       "\\|[^\\n|]+\\|([^\\n|]+)\\|([^\\n|]+)\\|");
  std::vector<IndexRow> rows;
  const std::string page = read_source("walkthrough.md");
  for (std::sregex_iterator it(page.begin(), page.end(), row), end; it != end; ++it) {
    IndexRow entry{(*it)[1], {}, {}, quoted((*it)[3])};
    for (const std::string& name : quoted((*it)[2]))
      (name.find('/') == std::string::npos ? entry.functions : entry.files).insert(name);
    rows.push_back(entry);
  }
  return rows;
}

// Does a case of the file bear the name? Eq. (7) stands as EQUATION(7, …) and Algorithm 2
// as ALGORITHM(2, …), or at the start of a doctest case's name.
bool has_case(const std::string& file, const std::string& what) {
  const std::string source = read_source(file);
  const std::string number = std::regex_replace(what, std::regex("[^0-9]"), "");
  const std::string row = (what[0] == 'E' ? "\nEQUATION(" : "\nALGORITHM(") + number + ",";
  return source.find("TEST_CASE(\"" + what) != std::string::npos || source.find(row) != std::string::npos;
}

}  // namespace

TEST_CASE("the index has Eq. (1) to (26) and the algorithms, once each and in the paper's order") {
  const auto rows = index_rows();
  size_t next = 0;
  for (int number = 1; number <= 26; ++number) {
    REQUIRE(next < rows.size());
    CHECK(rows[next++].what == "Eq. (" + std::to_string(number) + ")");
  }
  for (int number = 1; next < rows.size(); ++number)
    CHECK(rows[next++].what == "Algorithm " + std::to_string(number));
}

TEST_CASE("the index names the functions that carry the marks, and no others") {
  std::map<std::string, IndexRow> code;
  for (const Mark& mark : all_marks()) {
    code[mark.what].functions.insert(mark.function);
    code[mark.what].files.insert(mark.file);
  }
  CHECK(code.size() >= 28);  // 26 equations, 2 algorithms
  const auto rows = index_rows();
  CHECK(rows.size() == code.size());
  for (const IndexRow& row : rows) {
    INFO(row.what);
    CHECK(row.functions == code[row.what].functions);
    CHECK(row.files == code[row.what].files);
  }
}

TEST_CASE("every equation that the sources mention is one of the index, and every row has its cases") {
  std::set<std::string> known;
  for (const IndexRow& row : index_rows()) {
    known.insert(row.what);
    INFO(row.what);
    CHECK(!row.tests.empty());
    for (const std::string& file : row.tests) {
      INFO(file);
      CHECK(has_case(file, row.what));
    }
  }
  const std::regex mention("Eq\\. \\([0-9]+\\)");
  for (const std::string& file : source_files()) {
    if (file.rfind("tests/", 0) == 0) continue;
    const std::string source = read_source(file);
    for (std::sregex_iterator it(source.begin(), source.end(), mention), end; it != end; ++it) {
      INFO(file, ": ", it->str());
      CHECK(known.count(it->str()) == 1);
    }
  }
}

TEST_CASE("every departure in the code has its row in walkthrough.md, and every row its mark") {
  const auto code = marks(), table = rows();
  CHECK(!code.empty());
  for (const auto& mark : code) {
    INFO("Departure ", mark.first);
    REQUIRE(table.count(mark.first) == 1);
    CHECK(table.at(mark.first) == mark.second);
  }
  for (const auto& row : table) {
    INFO("row ", row.first);
    CHECK(code.count(row.first) == 1);
  }
}

TEST_CASE("departures are numbered 1, 2, 3, … without a gap") {
  int next = 1;
  for (const auto& [number, files] : marks()) CHECK(number == next++);
}

}  // namespace ddpm::test
