// Prints the table of equations, with the errors that are measured, for `make equations`; and tests that
// command.
//   ROW='Eq. (7)'  prints that row alone; ROW=Algorithm prints all rows whose names begin so
//   WRONG_ROW=yes  adds a row that fails, for the test of the exit status
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tests/equations/registry.h"
#include "tests/support/faults.h"
#include "tests/support/marks.h"

namespace ddpm::test::equations {

namespace {

void add(std::string& list, const std::string& name) {
  if ((", " + list + ", ").find(", " + name + ", ") != std::string::npos) return;
  list += (list.empty() ? "" : ", ") + name;
}

// Returns where the equation is: "the functions that carry its mark   in their files".
std::string places(const std::string& name) {
  static const std::vector<Mark> marks = all_marks();
  std::string functions, files;
  for (const Mark& mark : marks) {
    if (mark.what != name) continue;
    add(functions, mark.function), add(files, mark.file);
  }
  return functions + "   in " + files;
}

// Prints five lines, and returns whether the row holds.
bool print(const Row& row) {
  const Worst worst = row.check();
  const std::string at = worst.element.substr(0, worst.element.find(": got"));
  std::printf("%-13s%s\n", row.name.c_str(), row.says.c_str());
  std::printf("             %s\n", places(row.name).c_str());
  std::printf("             against: %s\n", row.how.c_str());
  std::printf("             worst of %ld: error %.1e, tolerance %.1e, at %s\n", worst.compared, worst.error,
              worst.tolerance, at.c_str());
  std::printf("             %s; %d faults of its own\n\n", worst.ok() ? "ok" : "FAILED", faults_of(row.name));
  if (!worst.ok()) std::printf("%s\n\n", failure(row).c_str());
  return worst.ok();
}

const Row wrong_row{"Eq. (2 + 2)", "two and two are five", "counting", [] {
                      Worst worst;
                      worst.near(2 + 2, 5, 1e-9, "two and two");
                      return worst;
                    }};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Runs the recipe of `make equations`, read from the Makefile, with this program in place of
// $(BUILD)/tests-double. Returns the exit status, and sets `output` to what it prints.
int make_equations(const std::string& variables, std::string& output) {
  const std::string makefile = read_source("Makefile"), program = "/tests-double ", target = "\nequations:";
  const size_t recipe = makefile.find("\n\t", makefile.find(target));
  const size_t begin = makefile.find(program, recipe) + program.size(), end = makefile.find('\n', begin);
  const std::string arguments = makefile.substr(begin, end - begin);
  std::error_code error;  // without /proc: the usual path
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string tests = error ? "build/tests-double" : self.string();
  FILE* pipe = popen((variables + " " + tests + " " + arguments + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  output.clear();
  for (int c; (c = std::fgetc(pipe)) != EOF;) output += char(c);
  return WEXITSTATUS(pclose(pipe));
}

}  // namespace

TEST_CASE("table: the exit status of make equations says whether every row holds") {
  std::string output;
  CHECK(make_equations("ROW='Eq. (2'", output) == 0);
  const auto of_2 = std::count_if(all().begin(), all().end(), [](const Row& row) {
    return row.name.starts_with("Eq. (2");  // (2), (20) to (26)
  });
  CHECK(output.find(text(of_2, " of ", of_2, " rows hold")) != std::string::npos);
  CHECK(make_equations("ROW='Eq. (2' WRONG_ROW=yes", output) != 0);
  INFO(output);
  CHECK(output.find("FAILED") != std::string::npos);
  CHECK(output.find("Eq. (2 + 2), two and two are five, does not hold") != std::string::npos);
  CHECK(output.find(text(of_2, " of ", of_2 + 1, " rows hold")) != std::string::npos);
  CHECK(make_equations("ROW='Eq. (99)'", output) != 0);
}

// Skipped in `make test`, which runs each row as a case of its own.
TEST_CASE("table: print" * doctest::skip()) {
  std::vector<Row> rows = all();
  if (environment("WRONG_ROW") != "") rows.push_back(wrong_row);
  int printed = 0, passed = 0;
  for (const Row& row : rows) {
    if (!row.name.starts_with(environment("ROW"))) continue;
    ++printed, passed += print(row);
  }
  std::printf("%d of %d rows hold.\n", passed, printed);
  CHECK(gaps(all()) == "");
  CHECK(printed > 0);
  CHECK(passed == printed);
}

}  // namespace ddpm::test::equations
