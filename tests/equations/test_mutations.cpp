// The checks checked: every mutation of an equation must fail its check, and
// the formula written out a second time must pass it.
#include "tests/equations/mutations.h"
#include "tests/equations/registry.h"

namespace equations {

TEST_CASE("every equation (1) to (26) has a case, a control and mutations, and no mutation survives") {
  int number = 0;
  for (const Equation& row : all()) {
    CHECK(row.number == ++number);
    const Kills result = kills(row.number);
    CHECK(result.survivors == "");
    INFO("Eq. (", row.number, ")");
    CHECK(result.controls >= 1);
    CHECK(result.mutations >= 4);
    CHECK(result.killed == result.mutations);
  }
  CHECK(number == 26);
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
  CHECK(failure(99) == "Eq. (99) has no row");
  CHECK(failure(7) == "");
  Formulas spoiled;
  spoiled.predict_x0 = [](auto&&...) { return 12345.0; };
  const std::string message = failure(15, spoiled);
  for (const char* part : {"Eq. (15), ", "does not hold", "got 12345, want ", "tolerance ",
                           "build/tests-double -sf='*tests/equations/*' -tc='Eq. (15)*'"}) {
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  }
}

}  // namespace equations
