// The table of equations: one row for each equation and each algorithm, with what it says, how it is checked,
// and the check, which is also a test case under the row's name.
//
//   EQUATION(7, "the mean and variance of the posterior", "Bayes' rule on a grid") {
//     Worst worst;
//     worst.near(value(posterior_mean(...)), want, 1e-9, "t = ", t);
//     return worst;
//   }
//
// A check calls ddpm/, but computes what it compares with in another way.
// Checked by: tests/equations/test_registry.cpp.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "kernels/types.h"

namespace ddpm::test::equations {

// The worst of many comparisons: that with the largest error relative to its tolerance. A number that is not
// finite is worse than any other.
struct Worst {
  double error = 0, tolerance = 1, share = 0;
  long compared = 0;
  std::string element;

  template <typename... Parts>
  void near(double got, double want, double allowed, const Parts&... parts) {
    const double e = std::isfinite(got) && std::isfinite(want) ? std::fabs(got - want) : INFINITY;
    const bool sensible = allowed > 0 || (allowed == 0 && e == 0);  // false for NaN
    const double of_allowed = !sensible ? INFINITY : e == 0 ? 0 : e / allowed;
    if (++compared > 1 && of_allowed <= share) return;
    error = e, tolerance = allowed, share = of_allowed;
    element = text(parts..., ": got ", got, ", want ", want);
  }
  bool ok() const { return compared > 0 && share <= 1; }
};

struct Row {
  std::string name;  // "Eq. (7)", "Algorithm 2"
  std::string says, how;
  Worst (*check)();
};
// Returns all rows: equations, then algorithms, in the paper's order.
const std::vector<Row>& all();
// Adds the row to all(), and returns it.
Row registered(const Row&);

// Returns which of Eq. (1) to (26) and Algorithms 1 and 2 the rows lack or have twice; "" if none.
std::string gaps(const std::vector<Row>&);

// Returns "" if the row's check holds, else its name, its worst comparison, and the command that runs it
// alone.
std::string failure(const Row&);

#define EQUATION(number, says, how) CHECKED_ROW("Eq. (" #number ")", equation_##number, says, how)
#define ALGORITHM(number, says, how) CHECKED_ROW("Algorithm " #number, algorithm_##number, says, how)
#define CHECKED_ROW(name, check, says, how)                               \
  static Worst check();                                                   \
  static const Row row_of_##check = registered({name, says, how, check}); \
  TEST_CASE(name ": " says) { CHECK(failure(row_of_##check) == ""); }     \
  static Worst check()

}  // namespace ddpm::test::equations
