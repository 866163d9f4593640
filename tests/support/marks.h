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

}  // namespace ddpm::test
