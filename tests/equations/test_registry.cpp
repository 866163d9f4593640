// tests/equations/registry.h: every equation has its row, a comparison rejects NaN, and a failing row says
// what failed.
#include "tests/equations/registry.h"

namespace ddpm::test::equations {

TEST_CASE("registry: Eq. (1) to (26) and Algorithms 1 and 2 have one row each, and a missing row is named") {
  CHECK(gaps(all()) == "");
  std::vector<Row> fewer = all();
  fewer.erase(fewer.begin() + 6);
  CHECK(gaps(fewer) == "Eq. (7) has 0 cases\n");
  fewer.back() = fewer[0];
  CHECK(gaps(fewer) == "Eq. (1) has 2 cases\nEq. (7) has 0 cases\nAlgorithm 2 has 0 cases\n");
}

TEST_CASE("registry: a check without comparisons, or with a NaN, does not hold") {
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

TEST_CASE("registry: a failing row says what failed, with values, and how to run it alone") {
  const Row wrong{"Eq. (99)", "two and two are five", "counting", [] {
                    Worst worst;
                    worst.near(3, 3, 0.1, "two and one");
                    worst.near(4, 5, 0.25, "two and two");
                    worst.near(6, 6.1, 0.25, "three and three");
                    return worst;
                  }};
  CHECK(failure(wrong) ==
        "Eq. (99), two and two are five, does not hold. Worst of 3 comparisons: two and two: got 4, want 5 "
        "(error 1, tolerance 0.25). Alone: build/tests-double -tc='Eq. (99):*'");
  const Row right{"Eq. (99)", "two and one are three", "counting", [] {
                    Worst worst;
                    worst.near(3, 3, 0.1, "two and one");
                    return worst;
                  }};
  CHECK(failure(right) == "");
}

}  // namespace ddpm::test::equations
