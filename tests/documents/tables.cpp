// Checks walkthrough.md's tables: see tables.h.
#include "tests/documents/tables.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>

#include "tests/documents/links.h"
#include "tests/support/cases.h"
#include "tests/support/marks.h"

namespace ddpm::documents {

namespace {

// The cells of a row, "| a | b |" is {"a", "b"}. A | within a cell is written \|.
std::vector<std::string> cells_of(const std::string& row) {
  const std::regex cell("\\| *((?:[^|\\\\]|\\\\.)*?) *(?=\\|)");
  return {std::sregex_token_iterator(row.begin(), row.end(), cell, 1), {}};
}

Names matches(const std::string& text, const std::regex& pattern) {
  return {std::sregex_token_iterator(text.begin(), text.end(), pattern, 1), {}};
}
Names quoted(const std::string& cell) { return matches(cell, std::regex("`([^`]+)`")); }

// Adds a complaint if a row names other things than the code has.
void expect_same(Complaints& all, int line, const std::string& what, const Names& row, const Names& code) {
  if (row != code)
    all.push_back(at_line(line, what, ": the row names ", list(row), " where the code has ", list(code),
                          ": change the row"));
}

// "Departure 3" in the code: number -> the files that carry the mark.
std::map<int, Names> departure_marks() {
  const std::regex mark("// Departure ([0-9]+)\\b");
  std::map<int, Names> found;
  for (const std::string& file : test::source_files())
    if (!file.starts_with("tests/"))
      for (const std::string& number : matches(test::read_source(file), mark))
        found[std::stoi(number)].insert(file);
  return found;
}

// Is a case of the file about `what`, such as "Eq. (7)"?
bool has_case(const std::string& file, const std::string& what) {
  const std::vector<std::string> names = test::case_names(test::read_source(file));
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return test::thing_of(name) == what; });
}

// A section: a heading and the lines below it, up to the next heading that is not deeper.
struct Section {
  std::string anchor, text;
  int begin, end;  // numbers of lines, end is behind the last
};
std::vector<Section> sections(const std::string& document) {
  const std::vector<Line> lines = lines_of(document);
  const std::vector<Heading> all = headings(document);
  std::vector<Section> found;
  for (size_t i = 0; i < all.size(); ++i) {
    const auto next = std::find_if(all.begin() + std::ptrdiff_t(i) + 1, all.end(),
                                   [&](const Heading& other) { return other.depth <= all[i].depth; });
    Section section{all[i].anchor, "", all[i].line, next == all.end() ? int(lines.size()) + 1 : next->line};
    for (int k = section.begin; k < section.end; ++k) section.text += lines[size_t(k) - 1].text + "\n";
    found.push_back(section);
  }
  return found;
}

Table index_of(const std::string& document) { return find_table(document, {"in the code", "checked by"}); }

// "Eq. (7)" of the mark or argument "Eq. (7) posterior_variance".
std::string row_name(const std::string& text) {
  std::smatch name;
  return std::regex_search(text, name, std::regex("^(Eq\\. \\([0-9]+\\)|Algorithm [0-9]+)")) ? name.str()
                                                                                             : "";
}

}  // namespace

std::string list(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "nothing" : text;
}

Names rows_mentioned(const std::string& text) {
  static const std::regex mention("Eq\\. \\([0-9]+\\)(?:(?: to |, and |, | and )\\([0-9]+\\))*");
  static const std::regex number("( to )?\\(([0-9]+)\\)");
  Names found = matches(text, std::regex("(Algorithm [0-9]+)"));
  for (std::sregex_iterator it(text.begin(), text.end(), mention), end; it != end; ++it) {
    const std::string list = it->str();
    int last = 0;
    for (std::sregex_iterator n(list.begin(), list.end(), number); n != end; ++n) {
      const int next = std::stoi((*n)[2]);
      for (int i = (*n)[1].matched ? last + 1 : next; i <= next; ++i)
        found.insert(ddpm::text("Eq. (", i, ")"));
      last = next;
    }
  }
  return found;
}

std::string Table::cell(const TableRow& row, const std::string& column) const {
  const auto i = size_t(std::find(columns.begin(), columns.end(), column) - columns.begin());
  return i < columns.size() && i < row.cells.size() ? row.cells[i] : "";
}

Table find_table(const std::string& document, const std::vector<std::string>& columns) {
  const std::vector<Line> lines = lines_of(document);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].table()) continue;
    Table table{cells_of(lines[i].text), {}};
    const auto has = [&](const std::string& c) {
      return std::count(table.columns.begin(), table.columns.end(), c) > 0;
    };
    const bool wanted = std::all_of(columns.begin(), columns.end(), has);
    for (++i; i < lines.size() && lines[i].table(); ++i)
      if (!lines[i].text.starts_with("|--")) table.rows.push_back({lines[i].number, cells_of(lines[i].text)});
    if (wanted) return table;
  }
  fail("there is no table with the columns \"", columns.front(), "\" and \"", columns.back(), "\": write it");
}

Complaints departure_complaints(const std::string& document) {
  Complaints all;
  std::map<int, Names> code = departure_marks();
  int next = 1;
  const Table table = find_table(document, {"no.", "where"});
  for (const TableRow& row : table.rows) {
    const std::string number = table.cell(row, "no.");
    if (number != std::to_string(next++))
      all.push_back(at_line(row.line, "departure ", number, " is out of order: number the rows 1, 2, 3 ..."));
    const int key =
        number.find_first_not_of("0123456789") == number.npos && !number.empty() ? std::stoi(number) : 0;
    expect_same(all, row.line, "departure " + number, quoted(table.cell(row, "where")), code[key]);
    code.erase(key);
  }
  for (const auto& [number, files] : code)
    all.push_back(text("departure ", number, " in ", list(files), " has no row: write one"));
  return all;
}

Complaints index_complaints(const std::string& document) {
  std::map<std::string, Names> functions, files;
  for (const test::Mark& mark : test::all_marks())
    functions[mark.what].insert(mark.function), files[mark.what].insert(mark.file);
  Complaints all;
  Names known;
  std::string last;
  const Table table = index_of(document);
  // Eq. (1) to (26), then the algorithms: the shorter text first, E before A.
  const auto order = [](const std::string& name) { return std::tuple(name[0] == 'A', name.size(), name); };
  for (const TableRow& row : table.rows) {
    const std::string name = row.cells.empty() ? "" : row_name(row.cells[0]);
    if (!functions.count(name)) {
      all.push_back(at_line(row.line, "no mark in the code belongs to \"", name, "\": remove the row"));
      continue;
    }
    if (!last.empty() && order(name) <= order(last))
      all.push_back(at_line(row.line, name, " stands behind ", last, ": keep the paper's order, each once"));
    last = name;
    known.insert(name);
    Names named_functions, named_files;
    for (const std::string& word : quoted(table.cell(row, "in the code")))
      (word.find('/') == word.npos ? named_functions : named_files).insert(word);
    expect_same(all, row.line, name, named_functions, functions[name]);
    expect_same(all, row.line, name, named_files, files[name]);
    const Names tests = quoted(table.cell(row, "checked by"));
    if (tests.empty()) all.push_back(at_line(row.line, name, " names no test: write its file"));
    for (const std::string& file : tests)
      if (!has_case(file, name))
        all.push_back(at_line(row.line, file, " has no case of ", name, ": name the file that checks it"));
  }
  for (const auto& [name, of] : functions)
    if (!known.count(name))
      all.push_back(text(name, ", marked in ", list(of), ", has no row in the index: write one"));
  return all;
}

Complaints told_complaints(const std::string& document) {
  Complaints all;
  const std::vector<Section> parts = sections(document);
  const Table table = index_of(document);
  std::map<std::string, Names> told;  // "Eq. (7)" -> anchors
  for (const TableRow& row : table.rows) {
    const std::string name = row.cells.empty() ? "" : row_name(row.cells[0]);
    told[name] = matches(table.cell(row, "told in"), std::regex("\\]\\(#([^)]+)\\)"));
    if (told[name].empty()) all.push_back(at_line(row.line, name, " is told in no section: link one"));
    for (const std::string& anchor : told[name]) {
      const auto is_linked = [&](const Section& section) { return section.anchor == anchor; };
      const auto section = std::find_if(parts.begin(), parts.end(), is_linked);
      if (section == parts.end())
        all.push_back(
            at_line(row.line, name, ": there is no heading with the anchor #", anchor, ": link another"));
      else if (!rows_mentioned(section->text).count(name))
        all.push_back(
            at_line(row.line, "the section #", anchor, " does not mention ", name, ": link another"));
    }
  }
  for (const Block& block : read_page(document).blocks) {
    const std::string name = row_name(block.argument);
    if (block.kind != "formula" || name.empty()) continue;
    const auto links_here = [&](const Section& section) {
      return section.begin <= block.line && block.line < section.end && told[name].count(section.anchor) > 0;
    };
    if (std::none_of(parts.begin(), parts.end(), links_here))
      all.push_back(at_line(block.line, "this section tells ", name,
                            ", but the row of the index does not link it: add the link"));
  }
  return all;
}

Complaints size_complaints(const std::string& document, size_t most_lines, size_t most_prose) {
  const std::vector<Line> lines = lines_of(document);
  const auto is_prose = [](const Line& line) { return !line.fenced && !line.table() && !line.text.empty(); };
  const auto prose = size_t(std::count_if(lines.begin(), lines.end(), is_prose));
  Complaints all;
  if (lines.size() > most_lines)
    all.push_back(text("the document has ", lines.size(), " lines: shorten it to ", most_lines));
  if (prose > most_prose)
    all.push_back(text("the document has ", prose, " lines of prose: shorten it to ", most_prose));
  return all;
}

}  // namespace ddpm::documents
