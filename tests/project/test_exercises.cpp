// Checks the exercises of walkthrough.md against tests/mutants.txt, and the check itself on wrong answers.
// The check: tests/documents/exercises.h.
#include <doctest/doctest.h>

#include "tests/documents/exercises.h"
#include "tests/support/scratch.h"
#include "tests/support/source.h"

namespace ddpm::test {

using namespace documents;

namespace {

// Returns an exercise with that fault and answer.
std::string exercise(const std::string& fault, const std::string& answer) {
  return "| E1 | `make mutants FAULT='" + fault + "'` | <details><summary>answer</summary>" + answer +
         "</details> |\n";
}

const std::string decoder = "h = 1.0 / 256 / sigma;";

}  // namespace

TEST_CASE("exercises: each has one fault, and its answer names the rows that notice it") {
  const std::string page = read_source("walkthrough.md");
  CHECK(joined(exercise_complaints(page)) == "");
  CHECK(page.find("\n| E12 |") != page.npos);
}

TEST_CASE("exercises: a wrong answer, and a fault that is not there or not alone, are named") {
  CHECK(joined(exercise_complaints(exercise(decoder, "Eq. (13) and (5). Because."))) == "");
  CHECK(joined(exercise_complaints("\n" + exercise(decoder, "Eq. (13) alone. Not Eq. (5)."))) ==
        "line 2: the answer names Eq. (13), but tests/mutants.txt says Eq. (13), Eq. (5)\n");
  CHECK(joined(exercise_complaints(exercise(decoder, "Eq. (11) to (13) and Algorithm 2."))) ==
        "line 1: the answer names Algorithm 2, Eq. (11), Eq. (12), Eq. (13), but tests/mutants.txt says "
        "Eq. (13), Eq. (5)\n");
  CHECK(joined(exercise_complaints(exercise(decoder, "No row."))) ==
        "line 1: the answer names nothing, but tests/mutants.txt says Eq. (13), Eq. (5)\n");
  CHECK(joined(exercise_complaints(exercise("no such text", "Eq. (1)."))) ==
        "line 1: FAULT selects 0 faults of tests/mutants.txt: select one\n");
  CHECK(contains(joined(exercise_complaints(exercise("sigma", "Eq. (1)."))), "line 1: FAULT selects "));
  CHECK(contains(joined(exercise_complaints("| E1 | a question | an answer |\n")),
                 "no FAULT='...' or no answer"));
}

}  // namespace ddpm::test
