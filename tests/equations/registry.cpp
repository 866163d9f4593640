// The rows' list and the sentence of a failure: see registry.h.
#include "tests/equations/registry.h"

#include <algorithm>

namespace equations {

namespace {

// The rows register themselves before main, from several files in any order.
std::vector<Equation>& rows() {
  static std::vector<Equation> list;
  return list;
}

}  // namespace

std::set<std::string>& called() {
  static std::set<std::string> names;
  return names;
}

Register::Register(const Equation& row) {
  const auto later = [](const Equation& a, const Equation& b) { return a.number < b.number; };
  rows().insert(std::upper_bound(rows().begin(), rows().end(), row, later), row);
}

const std::vector<Equation>& all() { return rows(); }

std::string failure(int number, const Formulas& formulas) {
  for (const Equation& row : all()) {
    if (row.number != number) continue;
    const Worst worst = row.check(formulas);
    if (worst.ok()) return "";
    return text("Eq. (", number, "), ", row.says, ", does not hold. Worst of ", worst.compared,
                " comparisons: ", worst.element, " (error ", worst.error, ", tolerance ",
                worst.tolerance, "). Alone: build/tests-double -sf='*tests/equations/*' -tc='Eq. (",
                number, ")*'");
  }
  return text("Eq. (", number, ") has no row");
}

}  // namespace equations
