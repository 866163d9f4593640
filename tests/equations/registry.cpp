// The rows, and the message of one that fails: see registry.h.
#include "tests/equations/registry.h"

#include <algorithm>
#include <tuple>

namespace ddpm::test::equations {

namespace {

// The rows, which are registered before main.
std::vector<Row>& rows() {
  static std::vector<Row> list;
  return list;
}

// Orders "Eq. (7)" before "Eq. (10)" before "Algorithm 1".
bool earlier(const Row& a, const Row& b) {
  const auto key = [](const Row& row) { return std::tuple(row.name[0] == 'A', row.name.size(), row.name); };
  return key(a) < key(b);
}

}  // namespace

Row registered(const Row& row) {
  rows().insert(std::upper_bound(rows().begin(), rows().end(), row, earlier), row);
  return row;
}

const std::vector<Row>& all() { return rows(); }

std::string gaps(const std::vector<Row>& list) {
  std::string found;
  const auto expect = [&](const std::string& name) {
    const auto of_name = [&](const Row& row) { return row.name == name; };
    const long times = std::count_if(list.begin(), list.end(), of_name);
    if (times != 1) found += text(name, " has ", times, " cases\n");
  };
  for (int number = 1; number <= 26; ++number) expect(text("Eq. (", number, ")"));
  for (int number : {1, 2}) expect(text("Algorithm ", number));
  return found;
}

std::string failure(const Row& row) {
  const Worst worst = row.check();
  if (worst.ok()) return "";
  return text(row.name, ", ", row.says, ", does not hold. Worst of ", worst.compared,
              " comparisons: ", worst.element, " (error ", worst.error, ", tolerance ", worst.tolerance,
              "). Alone: build/tests-double -tc='", row.name, ":*'");
}

}  // namespace ddpm::test::equations
