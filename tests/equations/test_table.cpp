// The table that `make equations` prints, measured as it is printed. Functions
// are those that the case called and that carry the row's mark.
//   ROW='Eq. (7)'     prints that row alone; ROW=Algorithm all whose names begin so
//   SPOIL='Eq. (15)'  puts that row's first mutation in: the row must fail
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tests/equations/mutations.h"
#include "tests/marks.h"

namespace equations {

namespace {

struct Measured {
  Worst worst;
  std::string functions, files;  // "a, b"; "" if the case calls none that is marked
  std::string idle;              // functions that are marked, and that it does not call
};

void add(std::string& list, const std::string& name) {
  if ((", " + list + ", ").find(", " + name + ", ") != std::string::npos) return;
  list += (list.empty() ? "" : ", ") + name;
}

Measured measure(const Row& row, const Formulas& f = {}) {
  static const std::vector<Mark> marks = all_marks();
  called().clear();
  Measured result{row.check(f), "", "", ""};
  for (const Mark& mark : marks) {
    if (mark.what != row.name) continue;
    // Algorithm 1's loop, lines 1 and 6, is no part of the double build: tests/test_trainer.cpp.
    if (mark.function == "Trainer::train") continue;
    if (!called().count(mark.function)) add(result.idle, mark.function);
    else add(result.functions, mark.function), add(result.files, mark.file);
  }
  return result;
}

// Five lines a row; returns whether all is well.
bool print(const Row& row, const Formulas& f) {
  const Measured got = measure(row, f);
  const Kills result = kills(row.name);
  const bool ok = got.worst.ok() && got.functions != "" && got.idle == "" && result.survivors == "";
  const std::string where = got.worst.element.substr(0, got.worst.element.find(": got"));
  std::printf("%-13s%s\n", row.name.c_str(), row.says.c_str());
  if (got.functions != "") std::printf("             %s   in %s\n", got.functions.c_str(), got.files.c_str());
  else std::printf("             NO FUNCTION THAT WAS CALLED HAS ITS MARK\n");
  if (got.idle != "") std::printf("             MARKED BUT NOT CALLED: %s\n", got.idle.c_str());
  std::printf("             against: %s\n", row.how.c_str());
  std::printf("             worst of %ld: error %.1e, tolerance %.1e, at %s\n", got.worst.compared,
              got.worst.error, got.worst.tolerance, where.c_str());
  std::printf("             %s; %d of %d mutations caught\n\n", ok ? "ok" : "FAILED", result.killed,
              result.mutations);
  if (!got.worst.ok()) std::printf("%s\n\n", failure(row.name, f).c_str());
  if (result.survivors != "") std::printf("%s\n", result.survivors.c_str());
  return ok;
}

// The formulas with the row's first mutation; as they are, if it has none.
Formulas spoiled(const std::string& name) {
  Formulas f;
  for (const Mutation& mutation : all_mutations())
    if (mutation.of == name && !mutation.control()) {
      mutation.apply(f);
      break;
    }
  return f;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// What `make equations` runs, from the Makefile itself, with this program in the place of
// $(BUILD)/tests-double. Returns its exit status; what it prints goes to `output`.
int make_equations(const std::string& variables, std::string& output) {
  const std::string makefile = read_source("Makefile"), target = "\nequations:", program = "/tests-double ";
  const size_t recipe = makefile.find("\n\t", makefile.find(target));
  const size_t begin = makefile.find(program, recipe) + program.size(), end = makefile.find('\n', begin);
  const std::string arguments = makefile.substr(begin, end - begin);
  std::error_code error;  // where there is no /proc, the usual place
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string command = variables + " " + (error ? "build/tests-double" : self.string()) + " " + arguments;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  output.clear();
  for (int c; (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
  return WEXITSTATUS(pclose(pipe));
}

}  // namespace

TEST_CASE("every row's case calls every function that carries its mark") {
  for (const Row& row : all()) {
    INFO(row.name);
    const Measured got = measure(row);
    CHECK(got.functions != "");
    CHECK(got.idle == "");
  }
}

TEST_CASE("make equations: its exit status says whether every row holds") {
  std::string output;
  CHECK(make_equations("ROW='Eq. (2'", output) == 0);
  CHECK(output.find("8 of 8 rows hold") != std::string::npos);  // (2), (20) to (26)
  CHECK(make_equations("ROW='Eq. (2' SPOIL='Eq. (25)'", output) != 0);
  INFO(output);
  CHECK(output.find("FAILED") != std::string::npos);
  CHECK(output.find("Eq. (25), the marginals cancel in the sum, does not hold") != std::string::npos);
  CHECK(output.find("7 of 8 rows hold") != std::string::npos);
  CHECK(make_equations("ROW='Eq. (27)'", output) != 0);
}

// Skipped in `make test`, which runs the same checks as cases.
TEST_CASE("the table of equations" * doctest::skip()) {
  const std::string only = environment("ROW"), spoil = environment("SPOIL");
  int passed = 0, rows = 0;
  for (const Row& row : all()) {
    if (!row.name.starts_with(only)) continue;
    ++rows, passed += print(row, spoiled(spoil));
  }
  std::printf("%d of %d rows hold.\n", passed, rows);
  CHECK(gaps(all()) == "");
  CHECK(rows > 0);
  CHECK(passed == rows);
}

}  // namespace equations
