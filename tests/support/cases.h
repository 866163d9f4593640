// The names of the test cases, as the sources spell them.
// Checked by: tests/project/test_layout.cpp.
#pragma once

#include <regex>

#include "tests/support/source.h"

namespace ddpm::test {

// Returns the names of a test file's cases: "posterior: ..." of TEST_CASE("posterior: ..."), "Eq. (7): ..."
// of EQUATION(7, "...") and "Algorithm 2: ..." of ALGORITHM(2, "...").
inline std::vector<std::string> case_names(const std::string& source) {
  const std::regex cases(R"re((TEST_CASE\(|EQUATION\(\s*([0-9]+),|ALGORITHM\(\s*([0-9]+),)\s*"([^"]*)")re");
  std::vector<std::string> names;
  for (std::sregex_iterator it(source.begin(), source.end(), cases), end; it != end; ++it) {
    std::string row;
    if ((*it)[2].matched) row = "Eq. (" + (*it)[2].str() + "): ";
    if ((*it)[3].matched) row = "Algorithm " + (*it)[3].str() + ": ";
    names.push_back(row + (*it)[4].str());
  }
  return names;
}

// Returns what a case is about: "posterior" of "posterior: ..."; "" if the name has no ": ".
inline std::string thing_of(const std::string& name) {
  const size_t colon = name.find(": ");
  return colon == std::string::npos ? "" : name.substr(0, colon);
}

}  // namespace ddpm::test
