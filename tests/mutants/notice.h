// Finds the tests that notice a fault: the rows of the equations' table that fail with it, and the test files
// with a case that fails.
#pragma once

#include "tests/mutants/build.h"

namespace ddpm::test {

struct Noticed {
  std::set<std::string> rows;   // "Eq. (7)"
  std::set<std::string> tests;  // "test_schedule"
  std::string late;             // rows and tests that were ended after a time limit
  std::string error;            // why nothing could be run: it does not compile, for example
};

// Runs all rows, if the double program contains the file, and these tests, each in the double program if it
// contains both file and test, else in float. Writes files below `own`.
Noticed who_notices(const Build&, const Fault&, const std::set<std::string>& tests, const std::string& own);

// Runs the same without a fault. Returns "" if all rows hold and each test has cases that pass, else what is
// wrong.
std::string without_fault(const Build&, const std::vector<Fault>&, const std::string& own);

}  // namespace ddpm::test
