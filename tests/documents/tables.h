// The tables of walkthrough.md, held against the code both ways: departures, and the index of equations and
// algorithms.
// Checked by: tests/project/test_walkthrough.cpp.
#pragma once

#include <set>

#include "tests/documents/blocks.h"

namespace ddpm::documents {

using Names = std::set<std::string>;
// Returns "a, b" for the names a and b, and "nothing" for none.
std::string list(const Names& names);
// Returns the rows of the equations' table that a text mentions: "Eq. (6) and (7)", "Eq. (17) to (19)" and
// "Algorithm 1" are six of them.
Names rows_mentioned(const std::string& text);

// A row of a table: its line in the document, and its cells from left to right.
struct TableRow {
  int line;
  std::vector<std::string> cells;
};
struct Table {
  std::vector<std::string> columns;
  std::vector<TableRow> rows;
  // Returns the row's cell in that column, "" if the table has no such column.
  std::string cell(const TableRow& row, const std::string& column) const;
};
// Returns the first table that has all of these columns. Throws Error if there is none.
Table find_table(const std::string& document, const std::vector<std::string>& columns);

// Checks the table with columns "no." and "where": it numbers the departures 1, 2, 3 ... and each row names
// the files that carry its mark in the code, `// Departure N`; every mark has its row.
Complaints departure_complaints(const std::string& document);

// Checks the table with columns "in the code" and "checked by". Its first column has Eq. (1) to (26), then
// the algorithms, in order. Each row names the functions and files that carry the marks, and no others;
// and test files of which a case bears the equation's name.
Complaints index_complaints(const std::string& document);

// Checks the column "told in" of that table. Each row has links to sections of the document, and these
// sections mention the row. Every section with a `formula` block is among those of the block's row.
Complaints told_complaints(const std::string& document);

// Checks that the document has at most `most_lines` lines, and at most `most_prose` lines of prose. Prose is
// what is not empty and stands outside of fences and tables.
Complaints size_complaints(const std::string& document, size_t most_lines, size_t most_prose);

}  // namespace ddpm::documents
