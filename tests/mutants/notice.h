// Who notices a fault: the rows of the equations' table that fail with it, and the test
// files of which a case does.
#pragma once

#include "tests/mutants/build.h"

namespace ddpm::test {

struct Noticed {
  std::set<std::string> rows;   // "Eq. (7)"
  std::set<std::string> tests;  // "test_schedule"
  std::string late;             // who was ended because it did not end by itself
  std::string error;            // why nobody could be asked: it does not compile, …
};

// Asks all rows, if the equations' program has the file, and these tests, each in the
// double program if that has both file and test, else in float. Writes below `own`.
Noticed who_notices(const Build&, const Fault&, const std::set<std::string>& tests, const std::string& own);

// What is wrong without any fault: "" if all rows hold, and each test has cases that pass.
std::string without_fault(const Build&, const std::vector<Fault>&, const std::string& own);

}  // namespace ddpm::test
