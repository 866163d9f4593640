// One row for each equation: what it says, how it is checked, and the check
// itself, which is a doctest case under the equation's name as well.
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

struct Equation {
  int number;
  std::string says, how;
  Worst (*check)(const Formulas&);
  std::string file;  // where the check is
};
const std::vector<Equation>& all();  // in the paper's order
struct Register {
  explicit Register(const Equation&);
};

// The check of the formulas, the real ones unless told: "" if it holds, else the equation, the worst
// element with its values, and the command that runs it alone.
std::string failure(int number, const Formulas& = {});

#define EQUATION(number, says, how)                                                        \
  static Worst check_##number(const Formulas&);                                            \
  static const Register row_##number{{number, says, how, check_##number, __FILE__}};       \
  TEST_CASE("Eq. (" #number "): " says) { CHECK(failure(number) == ""); }                  \
  static Worst check_##number(const Formulas& f)

}  // namespace equations
