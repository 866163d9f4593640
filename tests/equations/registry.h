// One row for each equation and each algorithm: what it says, how it is checked, and
// the check itself, which is a doctest case under the same name as well.
//
//   EQUATION(7, "the posterior's mean and variance", "Bayes' rule on a grid") {
//     Worst worst;
//     worst.near(f.posterior_mean(…), …, 1e-9, "t = ", t);
//     return worst;
//   }
//
// Rules: f is the Formulas under test; what is compared with must not come from
// it, or from another part of it. Checked by: tests/equations/test_mutations.cpp.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "tests/equations/formulas.h"

namespace equations {

// The worst of many comparisons: the one whose error is the largest share of
// its tolerance. What is not finite is worst of all.
struct Worst {
  double error = 0, tolerance = 1, share = 0;
  long compared = 0;
  std::string element;
  size_t trace = 0;  // of all that was compared: equal for equal formulas

  template <typename... Parts>
  void near(double got, double want, double allowed, const Parts&... parts) {
    const double e = std::isfinite(got) && std::isfinite(want) ? std::fabs(got - want) : INFINITY;
    trace = trace * 31 + std::hash<double>()(got);
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
  Worst (*check)(const Formulas&);
};
const std::vector<Row>& all();  // equations, then algorithms, each in the paper's order
struct Register {
  explicit Register(const Row&);
};
std::string equation(int number);   // "Eq. (7)"
std::string algorithm(int number);  // "Algorithm 2"

// What the rows lack of Eq. (1) to Eq. (26) and Algorithms 1 and 2, or have
// twice: "" if nothing.
std::string gaps(const std::vector<Row>&);

// The check of the formulas, the real ones unless told: "" if it holds, else the row's
// name, the worst element with its values, and the command that runs it alone.
std::string failure(const std::string& name, const Formulas& = {});

#define EQUATION(number, says, how) CHECKED_ROW(equation, number, "Eq. (" #number ")", says, how)
#define ALGORITHM(number, says, how) CHECKED_ROW(algorithm, number, "Algorithm " #number, says, how)
#define CHECKED_ROW(kind, number, name, says, how)                                       \
  static Worst check_##kind##_##number(const Formulas&);                                 \
  static const Register row_##kind##_##number{{name, says, how, check_##kind##_##number}}; \
  TEST_CASE(name ": " says) { CHECK(failure(name) == ""); }                              \
  static Worst check_##kind##_##number(const Formulas& f)

}  // namespace equations
