// Checks the exercises: see exercises.h.
#include "tests/documents/exercises.h"

#include <regex>
#include <set>

#include "tests/support/faults.h"

namespace ddpm::documents {

namespace {

using Names = std::set<std::string>;

// Returns the rows that an answer begins with: "Eq. (7), (20) to (22) and Algorithm 2: ..." names five.
Names rows_at_the_beginning(const std::string& answer) {
  static const std::regex item(R"(^(, | and | to )?(Eq\. )?(\(([0-9]+)\)|Algorithm ([0-9])))");
  Names rows;
  std::string rest = answer;
  int last = 0;
  for (std::smatch match; std::regex_search(rest, match, item); rest = match.suffix()) {
    if (match[5].matched) rows.insert("Algorithm " + match[5].str());
    if (!match[4].matched) continue;
    const int number = std::stoi(match[4]);
    for (int n = match[1] == " to " ? last : number; n <= number; ++n) rows.insert(text("Eq. (", n, ")"));
    last = number;
  }
  return rows;
}

std::string joined(const Names& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all.empty() ? "no row" : all;
}

}  // namespace

Complaints exercise_complaints(const std::string& document) {
  static const std::regex exercise(R"(^\| E[0-9]+ \|.*FAULT='([^']*)'.*</summary>(.*)</details>.*)");
  Complaints all;
  for (const Line& line : lines_of(document)) {
    std::smatch match;
    if (!std::regex_match(line.text, match, exercise)) {
      if (line.text.starts_with("| E1"))
        all.push_back(at_line(line.number, "this exercise has no FAULT='...' or no answer"));
      continue;
    }
    std::vector<test::Fault> chosen;
    for (const test::Fault& fault : test::all_faults())
      if (test::to_text(fault).find(match[1].str()) != std::string::npos) chosen.push_back(fault);
    if (chosen.size() != 1) {
      all.push_back(
          at_line(line.number, "FAULT selects ", chosen.size(), " faults of tests/mutants.txt: select one"));
      continue;
    }
    const Names noticed(chosen[0].rows.begin(), chosen[0].rows.end());
    const Names answered = rows_at_the_beginning(match[2]);
    if (noticed != answered)
      all.push_back(at_line(line.number, "the answer names ", joined(answered),
                            ", but tests/mutants.txt says ", joined(noticed)));
  }
  return all;
}

}  // namespace ddpm::documents
