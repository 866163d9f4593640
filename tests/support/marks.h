// The marks in the code: comments `// Eq. (7):  ...` or `// Algorithm 2, line 4:  ...` inside of a function,
// above the statement that computes the formula.
// Checked by: tests/project/test_faults.cpp, tests/project/test_walkthrough.cpp.
#pragma once

#include <regex>
#include <sstream>

#include "tests/support/source.h"

namespace ddpm::test {

// The lines begin, ..., end - 1 of a file.
struct Lines {
  int begin, end;
  bool contain(int line) const { return begin <= line && line < end; }
};

struct Mark {
  std::string what;      // "Eq. (7)", "Algorithm 2"
  std::string function;  // "posterior_mean", "Schedule::Schedule"
  std::string file;
  int line;         // the line of the algorithm; 0 for an equation
  Lines statement;  // from the mark to the next mark, or to the end of the function
  Lines body;       // of the function
};

// Returns the marks of one file, in its order. A function begins on a line that is not indented and has its
// name before a parenthesis. It ends with a brace that is not indented.
inline std::vector<Mark> marks_in(const std::string& file) {
  const std::regex begin("^[A-Za-z][^(]*?((?:\\w+::)?\\w+)\\(.*"),
      mark("^ +// (Eq\\. \\([0-9]+\\)|Algorithm [0-9]+)(?:, line ([0-9]+))?[:,].*");
  std::vector<Mark> found;
  std::istringstream source(read_source(file));
  std::string function, line;
  int number = 0, function_begins = 0;
  size_t of_function = 0;  // the first mark of the function
  std::smatch match;
  const auto end_statement = [&] {
    if (of_function < found.size()) found.back().statement.end = number;
  };
  while (std::getline(source, line)) {
    ++number;
    if (std::regex_match(line, match, begin)) function = match[1], function_begins = number;
    if (std::regex_match(line, match, mark)) {
      end_statement();
      const int of_algorithm = match[2].matched ? std::stoi(match[2]) : 0;
      found.push_back({match[1], function, file, of_algorithm, {number, 0}, {function_begins, 0}});
    }
    if (line != "}") continue;
    end_statement();
    for (; of_function < found.size(); ++of_function) found[of_function].body.end = number;
  }
  return found;
}

// Returns the marks of ddpm/, and those of appendix A in tests/equations/lines.cpp.
inline std::vector<Mark> all_marks() {
  std::vector<Mark> all;
  for (const std::string& file : source_files()) {
    if (file.rfind("ddpm/", 0) != 0 && file != "tests/equations/lines.cpp") continue;
    for (const Mark& mark : marks_in(file)) all.push_back(mark);
  }
  return all;
}

// The formula of a mark in its file's text: the comment from the mark on without "// Eq. (7):", a line each.
// Continuation lines keep their indentation relative to the first. A departure or another mark ends it.
inline std::vector<std::string> formula_lines(const Mark& mark, const std::string& source) {
  const std::regex head("^ *// (Eq\\. \\([0-9]+\\)|Algorithm [0-9]+)[^:]*: *");
  std::vector<std::string> found;
  std::istringstream lines(source);
  std::smatch match;
  size_t column = 0;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    if (++number < mark.statement.begin) continue;
    const bool marked = std::regex_search(line, match, head);
    const size_t comment = line.find("// ");
    if (number == mark.statement.begin) {
      column = size_t(match.length());
      found.push_back(line.substr(column));
    } else if (marked || comment == line.npos || line.find_first_not_of(' ') != comment ||
               line.find("Departure") != line.npos) {
      break;
    } else {
      const size_t begin = line.find_first_not_of(' ', comment + 2);
      found.push_back(line.substr(std::min(std::max(column, comment + 3), begin)));
    }
  }
  return found;
}

}  // namespace ddpm::test
