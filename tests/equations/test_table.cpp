// The table that `make equations` prints, measured as it is printed. Functions
// are those that the case called and that carry the equation's mark.
#include <cstdio>

#include "tests/equations/mutations.h"
#include "tests/equations/registry.h"
#include "tests/marks.h"

namespace equations {

namespace {

struct Row {
  Worst worst;
  std::string functions, files;  // "a, b"; "" if the case calls none that is marked
};

void add(std::string& list, const std::string& name) {
  if ((", " + list + ", ").find(", " + name + ", ") != std::string::npos) return;
  list += (list.empty() ? "" : ", ") + name;
}

Row measure(const Equation& equation) {
  called().clear();
  Row row{equation.check(Formulas{}), "", ""};
  static const std::vector<Mark> marks = all_marks();
  for (const Mark& mark : marks)
    if (mark.what == text("Eq. (", equation.number, ")") && called().count(mark.function))
      add(row.functions, mark.function), add(row.files, mark.file);
  return row;
}

// Five lines a row; returns whether all is well.
bool print(const Equation& equation) {
  const Row row = measure(equation);
  const Kills result = kills(equation.number);
  const bool ok = row.worst.ok() && row.functions != "" && result.survivors == "";
  const std::string where = row.worst.element.substr(0, row.worst.element.find(": got"));
  const std::string name = text("Eq. (", equation.number, ")");
  std::printf("%-10s%s\n", name.c_str(), equation.says.c_str());
  if (row.functions == "") std::printf("          NO FUNCTION THAT WAS CALLED HAS ITS MARK\n");
  if (row.functions != "") std::printf("          %s   in %s\n", row.functions.c_str(), row.files.c_str());
  std::printf("          against: %s\n", equation.how.c_str());
  std::printf("          worst of %ld: error %.1e, tolerance %.1e, at %s\n", row.worst.compared,
              row.worst.error, row.worst.tolerance, where.c_str());
  std::printf("          %s; %d of %d mutations caught\n\n", ok ? "ok" : "FAILED", result.killed,
              result.mutations);
  if (!row.worst.ok()) std::printf("%s\n\n", failure(equation.number).c_str());
  if (result.survivors != "") std::printf("%s\n", result.survivors.c_str());
  return ok;
}

}  // namespace

TEST_CASE("every equation's case calls the function that carries its mark") {
  for (const Equation& equation : all()) {
    INFO("Eq. (", equation.number, ")");
    CHECK(measure(equation).functions != "");
  }
}

// Skipped in `make test`, which runs the same checks as cases.
TEST_CASE("the table of equations" * doctest::skip()) {
  int passed = 0, number = 0;
  for (const Equation& equation : all()) {
    REQUIRE(equation.number == ++number);
    passed += print(equation);
  }
  std::printf("%d of 26 equations hold.\n", passed);
  CHECK(number == 26);
  CHECK(passed == 26);
}

}  // namespace equations
