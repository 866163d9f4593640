// The documents as they are: blocks as `make walkthrough` writes them, links, names and tables of
// walkthrough.md against the code; and the checks of the tables on doctored text.
#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "tests/documents/contents.h"
#include "tests/documents/links.h"
#include "tests/documents/tables.h"
#include "tests/support/scratch.h"
#include "tests/support/source.h"

namespace ddpm::test {

using namespace documents;

namespace {

std::string walkthrough() { return read_source("walkthrough.md"); }
std::string folder_of(const std::string& document) { return document.substr(0, document.rfind('/') + 1); }

// A table of walkthrough.md with these columns alone, of whose cells only names in backticks are left. The
// first column stays whole.
std::string bare_table(const std::vector<std::string>& wanted, const std::vector<std::string>& columns) {
  const Table table = find_table(walkthrough(), wanted);
  const std::regex quote("`[^`]+`");
  std::string page = "|";
  for (const std::string& column : columns) page += " " + column + " |";
  page += "\n|---|\n";
  for (const TableRow& row : table.rows) {
    page += "| " + row.cells[0] + " |";
    for (size_t i = 1; i < columns.size(); ++i) {
      const std::string cell = table.cell(row, columns[i]);
      for (std::sregex_iterator it(cell.begin(), cell.end(), quote), end; it != end; ++it)
        page += " " + it->str();
      page += " |";
    }
    page += "\n";
  }
  return page;
}

// The text with the first `from` replaced by `to`.
std::string doctored(std::string text, const std::string& from, const std::string& to) {
  REQUIRE_MESSAGE(contains(text, from), from);
  return text.replace(text.find(from), from.size(), to);
}
// Returns the first line of the page that begins with `begin`, with its line feed.
std::string row_of(const std::string& page, const std::string& begin) {
  const size_t at = page.find("\n" + begin) + 1;
  return page.substr(at, page.find('\n', at) + 1 - at);
}

// The complaints must be one, with these parts.
void expect_one(const Complaints& complaints, const std::vector<std::string>& parts) {
  INFO(joined(complaints));
  REQUIRE(complaints.size() == 1);
  for (const std::string& part : parts) CHECK_MESSAGE(contains(complaints[0], part), part);
}

}  // namespace

TEST_CASE("walkthrough: every block, value and line number is as make walkthrough writes it") {
  for (const std::string& document : all_documents()) {
    INFO(document);
    CHECK(joined(stale_complaints(read_source(document), folder_of(document))) == "");
  }
}

TEST_CASE("walkthrough: links, anchors, file names, rows and cases exist") {
  for (const std::string& document : all_documents()) {
    const std::string text = read_source(document);
    INFO(document);
    CHECK(joined(link_complaints(text, folder_of(document))) == "");
    CHECK(joined(file_complaints(text)) == "");
    CHECK(joined(name_complaints(text)) == "");
  }
}

TEST_CASE("walkthrough: departures, index and size") {
  CHECK(joined(departure_complaints(walkthrough())) == "");
  CHECK(joined(index_complaints(walkthrough())) == "");
  CHECK(joined(size_complaints(walkthrough(), 1600, 700)) == "");
  CHECK(joined(told_complaints(walkthrough())) == "");
}

TEST_CASE("walkthrough: every equation that the sources mention is one of the index") {
  const std::regex mention("Eq\\. \\([0-9]+\\)");
  const std::string text = walkthrough();
  std::set<std::string> known;
  for (const std::string& file : source_files()) {
    if (file.rfind("tests/", 0) == 0) continue;
    const std::string source = read_source(file);
    for (std::sregex_iterator it(source.begin(), source.end(), mention), end; it != end; ++it) {
      INFO(file, ": ", it->str());
      CHECK((known.count(it->str()) || contains(text, "\n| " + it->str() + " |")));
      known.insert(it->str());
    }
  }
  CHECK(known.size() >= 15);
}

TEST_CASE("walkthrough: a lost, foreign, displaced or false row of departures is named") {
  const std::string page = bare_table({"no.", "where"}, {"no.", "where"}), row = row_of(page, "| 12 |");
  const auto wrong = [&](const std::string& to) { return departure_complaints(doctored(page, row, to)); };
  CHECK(joined(wrong(row)) == "");
  expect_one(wrong(""), {"departure 12 in ddpm/reverse.cpp has no row: write one"});
  expect_one(
      wrong(row + "| 13 | `ddpm/sample.cpp` |\n"),
      {"line 15: departure 13: the row names ddpm/sample.cpp where the code has nothing: change the row"});
  expect_one(wrong("| 12 | `ddpm/sample.cpp` |\n"),
             {"departure 12: the row names ddpm/sample.cpp where the code has ddpm/reverse.cpp"});
  CHECK(contains(joined(wrong("| 14 | `ddpm/reverse.cpp` |\n")),
                 "departure 14 is out of order: number the rows 1, 2, 3 ..."));
  CHECK_THROWS_AS(departure_complaints("# Nothing\n"), Error);
}

TEST_CASE("walkthrough: a lost, foreign, displaced or false row of the index is named") {
  const std::string page = bare_table({"in the code", "checked by"}, {"", "in the code", "checked by"});
  const std::string row = row_of(page, "| Eq. (4) |");
  const auto wrong = [&](const std::string& to) { return index_complaints(doctored(page, row, to)); };
  CHECK(joined(wrong(row)) == "");
  expect_one(wrong(""), {"Eq. (4), marked in q_sample, has no row in the index: write one"});
  expect_one(wrong(row + row), {"line 7: Eq. (4) stands behind Eq. (4): keep the paper's order, each once"});
  expect_one(wrong(row + "| Eq. (99) | `f` `ddpm/f.cpp` | `tests/f.cpp` |\n"),
             {"line 7: no mark in the code belongs to \"Eq. (99)\": remove the row"});
  expect_one(wrong(doctored(row, "`q_sample`", "`q_simple`")),
             {"line 6: Eq. (4): the row names q_simple where the code has q_sample: change the row"});
  expect_one(wrong(doctored(row, "`ddpm/forward.cpp`", "`ddpm/sample.cpp`")),
             {"line 6: Eq. (4): the row names ddpm/sample.cpp where the code has ddpm/forward.cpp"});
  expect_one(wrong(doctored(row, "`tests/equations/processes.cpp`", "`tests/equations/bound.cpp`")),
             {"line 6: tests/equations/bound.cpp has no case of Eq. (4)"});
  expect_one(wrong(doctored(row, "`tests/equations/processes.cpp`", "")), {"line 6: Eq. (4) names no test"});
  CHECK_THROWS_AS(index_complaints("# Nothing\n"), Error);
}

TEST_CASE(
    "walkthrough: a row that is told nowhere, in a missing section or in one that does not mention it") {
  const auto page = [](const std::string& link, const std::string& section) {
    return "## One step\n" + section +
           "\n## Index\n\n| | in the code | checked by | told in |\n|---|---|---|---|\n" +
           "| Eq. (4) | `f` | `g` | " + link + " |\n";
  };
  CHECK(joined(told_complaints(page("[one](#one-step)", "By Eq. (4) we"))) == "");
  expect_one(told_complaints(page("", "By Eq. (4) we")), {"line 7: Eq. (4) is told in no section: link one"});
  expect_one(told_complaints(page("[one](#two)", "By Eq. (4) we")),
             {"line 7: Eq. (4): there is no heading with the anchor #two"});
  expect_one(told_complaints(page("[one](#one-step)", "By Eq. (5) we")),
             {"line 7: the section #one-step does not mention Eq. (4)"});
  for (const std::string text : {"Eq. (2) to (6)", "Eq. (3) and (4)", "Eq. (1), (2), (3), and (4)"})
    CHECK(joined(told_complaints(page("[one](#one-step)", text))) == "");
  expect_one(told_complaints(page("[one](#one-step)", "Eq. (1) to (3), and (5)")),
             {"does not mention Eq. (4)"});
  const std::string block = "Eq. (4)\n<!-- formula Eq. (4) -->\n<!-- end -->";
  CHECK(joined(told_complaints(page("[one](#one-step)", block))) == "");
  expect_one(told_complaints(page("[one](#one-step)", "Eq. (4)\n## Two\n" + block)),
             {"line 5: this section tells Eq. (4), but the row of the index does not link it"});
  CHECK(joined(told_complaints(page("[one](#one-step)", "### Below\n" + block))) == "");
}

TEST_CASE("walkthrough: a document that is too long is named") {
  const std::string page = "one\n\n| a |\n```\nx\n```\ntwo\n";
  CHECK(size_complaints(page, 7, 2).empty());
  expect_one(size_complaints(page, 6, 2), {"the document has 7 lines: shorten it to 6"});
  expect_one(size_complaints(page, 7, 1), {"the document has 2 lines of prose: shorten it to 1"});
}

}  // namespace ddpm::test
