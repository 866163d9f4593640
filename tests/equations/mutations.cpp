// All mutations in one list, and how a check fares on them: see mutations.h.
#include "tests/equations/mutations.h"

#include <exception>

#include "tests/equations/registry.h"

namespace equations {

std::vector<Mutation> all_mutations() {
  std::vector<Mutation> all = step_mutations();
  for (const auto& more : {loss_mutations(), bound_mutations()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

namespace {

// Does the check hold? A formula that throws does not.
bool holds(const Equation& row, const Mutation& mutation) {
  Formulas f;
  mutation.apply(f);
  try {
    return row.check(f).ok();
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

Kills kills(int equation) {
  Kills result;
  for (const Mutation& mutation : all_mutations())
    for (const Equation& row : all()) {
      if (row.number != equation || mutation.equation != equation) continue;
      const bool held = holds(row, mutation);
      if (mutation.control()) {
        ++result.controls;
        if (!held) result.survivors += text("Eq. (", equation, "): its check fails on the control\n");
      } else {
        ++result.mutations;
        result.killed += !held;
        if (held)
          result.survivors += text("Eq. (", equation, "): its check holds with: ", mutation.what, "\n");
      }
    }
  return result;
}

}  // namespace equations
