// Checks the exercises: see exercises.h.
#include "tests/documents/exercises.h"

#include <regex>

#include "tests/documents/tables.h"
#include "tests/support/faults.h"

namespace ddpm::documents {

namespace {

// Returns the rows that the first clause of an answer mentions: "Eq. (7), (20) to (22) and Algorithm 2: why".
Names rows_at_the_beginning(const std::string& answer) {
  std::smatch clause;
  std::regex_search(answer, clause, std::regex(R"(^(Eq\.|[^.:])*)"));
  return rows_mentioned(clause.str());
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
      all.push_back(at_line(line.number, "the answer names ", list(answered), ", but tests/mutants.txt says ",
                            list(noticed)));
  }
  return all;
}

}  // namespace ddpm::documents
