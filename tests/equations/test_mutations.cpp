// The checks checked: every mutation of an equation or an algorithm must fail its
// check, and the formula written out a second time must pass it.
#include <algorithm>

#include "tests/equations/mutations.h"

namespace equations {

TEST_CASE("Eq. (1) to (26) and Algorithms 1 and 2 have a case each, and a case that is missing is named") {
  CHECK(gaps(all()) == "");
  std::vector<Row> fewer = all();
  fewer.erase(fewer.begin() + 6);
  CHECK(gaps(fewer) == "Eq. (7) has 0 cases\n");
  fewer.back() = fewer[0];
  CHECK(gaps(fewer) == "Eq. (1) has 2 cases\nEq. (7) has 0 cases\nAlgorithm 2 has 0 cases\n");
}

TEST_CASE("every row has a control and eight mutations, all different, and no mutation survives") {
  for (const Row& row : all()) {
    INFO(row.name);
    const Kills result = kills(row.name);
    CHECK(result.survivors == "");
    CHECK(result.controls >= 1);
    CHECK(result.mutations >= 8);
    CHECK(result.killed == result.mutations);
  }
}

TEST_CASE("every mutation is of a row that there is") {
  for (const Mutation& mutation : all_mutations()) {
    INFO(mutation.of, ": ", mutation.what);
    CHECK(std::any_of(all().begin(), all().end(), [&](const Row& row) { return row.name == mutation.of; }));
  }
}

TEST_CASE("a check without comparisons, or with a NaN, does not hold") {
  CHECK_FALSE(Worst{}.ok());
  Worst worst;
  worst.near(1, 1, 0.5, "fine");
  CHECK(worst.ok());
  worst.near(NAN, 1, 0.5, "element ", 7);
  worst.near(1, 1, 0.5, "fine");
  CHECK_FALSE(worst.ok());
  CHECK(worst.element.find("element 7: got nan, want 1") == 0);
  for (double tolerance : {double(NAN), -1.0, 0.0}) {
    Worst other;
    other.near(1, 1.5, tolerance, "");
    CHECK_FALSE(other.ok());
  }
  Worst exact;
  exact.near(1, 1, 0, "no tolerance, no error");
  CHECK(exact.ok());
}

TEST_CASE("a failing case says what failed, with values, and how to run it alone") {
  CHECK(failure("Eq. (99)") == "Eq. (99) has no row");
  CHECK(failure("Eq. (7)") == "");
  Formulas spoiled;
  spoiled.predict_x0 = [](auto&&...) { return 12345.0; };
  const std::string message = failure("Eq. (15)", spoiled);
  for (const char* part : {"Eq. (15), ", "does not hold", "got 12345, want ", "tolerance ",
                           "build/tests-double -sf='*tests/equations/*' -tc='Eq. (15):*'"}) {
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  }
}

}  // namespace equations
