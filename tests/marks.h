// The marks in the code that say where an equation or an algorithm is: a line
// `// Eq. (7):  …` or `// Algorithm 2, line 4:  …` inside a function.
// Checked by: tests/test_walkthrough.cpp, which holds the index against them.
#pragma once

#include <regex>
#include <sstream>

#include "tests/source.h"

struct Mark {
  std::string what;      // "Eq. (7)", "Algorithm 2"
  std::string function;  // "posterior_mean", "Schedule::posterior_variance"
  std::string file;
  int line;  // of an algorithm; 0 for an equation
};

// The marks of one file, in its order. A function begins on a line that is not
// indented and has its name before a parenthesis.
inline std::vector<Mark> marks_in(const std::string& file) {
  const std::regex begin("^[A-Za-z][^(]*?((?:\\w+::)?\\w+)\\(.*"),
      mark("^ +// (Eq\\. \\([0-9]+\\)|Algorithm [0-9]+)(?:, line ([0-9]+))?[:,].*");
  std::vector<Mark> found;
  std::istringstream source(read_source(file));
  std::string function, line;
  for (std::smatch match; std::getline(source, line);) {
    if (std::regex_match(line, match, begin)) function = match[1];
    if (std::regex_match(line, match, mark))
      found.push_back({match[1], function, file, match[2].matched ? std::stoi(match[2]) : 0});
  }
  return found;
}

// All of the code's, and those of appendix A's lines, which only tests need.
inline std::vector<Mark> all_marks() {
  std::vector<Mark> all;
  for (const std::string& file : source_files()) {
    if (file.rfind("ddpm/", 0) != 0 && file != "tests/equations/lines.cpp") continue;
    for (const Mark& mark : marks_in(file)) all.push_back(mark);
  }
  return all;
}
