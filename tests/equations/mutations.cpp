// All mutations in one list, and how a check fares on them: see mutations.h.
#include "tests/equations/mutations.h"

#include <exception>
#include <map>

namespace equations {

std::vector<Mutation> all_mutations() {
  std::vector<Mutation> all;
  for (const auto& some : {step_mutations(), loss_mutations(), training_mutations(), sampling_mutations(),
                           decoder_mutations(), bound_mutations(), appendix_mutations()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

namespace {

// What the check of the row sees: "" if it holds, else what tells this mutation from
// others. A formula that throws does not hold.
std::string finding(const Row& row, const Mutation& mutation) {
  Formulas f;
  mutation.apply(f);
  try {
    const Worst worst = row.check(f);
    return worst.ok() ? "" : text(worst.element, " ", worst.trace);
  } catch (const std::exception& thrown) {
    return thrown.what();
  }
}

}  // namespace

Kills kills(const std::string& name) {
  static const std::vector<Mutation> mutations = all_mutations();
  Kills result;
  std::map<std::string, std::string> seen;  // finding -> the mutation it came from
  for (const Mutation& mutation : mutations)
    for (const Row& row : all()) {
      if (row.name != name || mutation.of != name) continue;
      const std::string found = finding(row, mutation);
      if (mutation.control()) {
        ++result.controls;
        if (found != "") result.survivors += text(name, ": its check fails on the control: ", found, "\n");
        continue;
      }
      ++result.mutations;
      result.killed += found != "";
      if (found == "") result.survivors += text(name, ": its check holds with: ", mutation.what, "\n");
      const auto [before, is_new] = seen.emplace(found, mutation.what);
      if (found != "" && !is_new)
        result.survivors += text(name, ": one mutation twice: ", before->second, " and ", mutation.what, "\n");
    }
  return result;
}

}  // namespace equations
