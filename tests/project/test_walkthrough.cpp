// The tables of walkthrough.md, of departures and of equations and algorithms, compared with the marks in the
// code and with the rows of tests/equations, in both directions.
#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>

#include "tests/support/cases.h"
#include "tests/support/marks.h"

namespace ddpm::test {

namespace {

// Returns the marks "Departure 3" in the code: number -> the files that carry it.
std::map<int, std::set<std::string>> departure_marks() {
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

// Returns the rows "| 3 | ... | `file`, `file` |" of the table: number -> the files that it names.
std::map<int, std::set<std::string>> departure_rows() {
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

// A row of the index: "| Eq. (7) | what it says | `f`, `g` in `file` | `test file` |".
struct IndexRow {
  std::string what;
  std::set<std::string> functions, files, tests;
};

std::set<std::string> quoted(const std::string& cell) {
  const std::regex quote("`([^`]+)`");
  return {std::sregex_token_iterator(cell.begin(), cell.end(), quote, 1), {}};
}

// Returns the index in the order of the page: "Eq. (1)", ..., "Algorithm 2".
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

// Returns the file of tests/equations that holds each row: "Eq. (7)" -> "tests/equations/posterior.cpp".
std::map<std::string, std::string> files_of_rows() {
  std::map<std::string, std::string> files;
  for (const std::string& file : source_files({".cpp"})) {
    if (!file.starts_with("tests/equations/")) continue;
    for (const std::string& name : case_names(read_source(file))) files[thing_of(name)] = file;
  }
  return files;
}

}  // namespace

TEST_CASE(
    "walkthrough: the index has Eq. (1) to (26) and the algorithms, once each and in the paper's order") {
  const auto rows = index_rows();
  size_t next = 0;
  for (int number = 1; number <= 26; ++number) {
    REQUIRE(next < rows.size());
    CHECK(rows[next++].what == "Eq. (" + std::to_string(number) + ")");
  }
  for (int number = 1; next < rows.size(); ++number)
    CHECK(rows[next++].what == "Algorithm " + std::to_string(number));
}

TEST_CASE("walkthrough: the index names the functions that carry the marks, and no others") {
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

TEST_CASE("walkthrough: the index names the file of each row, and every equation that the code mentions") {
  const std::map<std::string, std::string> files = files_of_rows();
  std::set<std::string> known;
  for (const IndexRow& row : index_rows()) {
    known.insert(row.what);
    INFO(row.what);
    REQUIRE(files.count(row.what) == 1);
    CHECK(row.tests == std::set<std::string>{files.at(row.what)});
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

TEST_CASE("walkthrough: each algorithm is in one file, with all its lines in the order in which they run") {
  std::map<std::string, std::map<std::string, std::vector<int>>> lines;  // algorithm -> file -> lines
  for (const Mark& mark : all_marks())
    if (mark.line > 0) lines[mark.what][mark.file].push_back(mark.line);
  const std::vector<int> lines_1_to_6{1, 2, 3, 4, 5, 6};
  using Files = std::map<std::string, std::vector<int>>;
  CHECK(lines.size() == 2);
  CHECK(lines["Algorithm 1"] == Files{{"ddpm/train.cpp", lines_1_to_6}});
  CHECK(lines["Algorithm 2"] == Files{{"ddpm/sample.cpp", lines_1_to_6}});
}

TEST_CASE("walkthrough: every departure in the code has its row in walkthrough.md, and every row its mark") {
  const auto code = departure_marks(), table = departure_rows();
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

TEST_CASE("walkthrough: departures are numbered 1, 2, 3, ... without a gap") {
  int next = 1;
  for (const auto& [number, files] : departure_marks()) CHECK(number == next++);
}

}  // namespace ddpm::test
