// See notice.h.
#include "tests/mutants/notice.h"

#include <filesystem>
#include <sstream>

#include "kernels/types.h"
#include "tests/mutants/process.h"

namespace ddpm::test {

namespace {

constexpr int seconds = 300;  // the time limit for all rows, or for one test file; usual are seconds

// Runs the rows, and reads those that fail as tests/equations/test_rows.cpp prints them.
void ask_rows(const std::string& program, const std::string& own, Noticed& noticed) {
  const Finished asked = run(program + " --no-skip -tc='rows:*'", seconds, own + "/log");
  std::istringstream lines(asked.output);
  bool complete = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("fails: ")) noticed.rows.insert(line.substr(7));
    if (line.starts_with("late: ")) noticed.late += (noticed.late.empty() ? "" : ", ") + line.substr(6);
    complete = complete || line == "all rows were checked";
  }
  if (!asked.ok || !complete) noticed.error = "the rows cannot be asked:\n" + tail(asked.output, 10);
}

Finished run_test(const std::string& program, const std::string& test, const std::string& own) {
  return run(program + " -aa=1 -sf='*/" + test + ".cpp'", seconds, own + "/log");
}

std::string variant_of(const Build& build, const std::string& file, const std::string& test) {
  return build.has("double", file) && build.has_test("double", test) ? "double" : "float";
}

}  // namespace

Noticed who_notices(const Build& build, const Fault& fault, const std::set<std::string>& tests,
                    const std::string& own) {
  Noticed noticed;
  std::filesystem::remove_all(own);
  try {
    for (const std::string variant : {"double", "float"}) {
      std::set<std::string> asked;
      for (const std::string& test : tests)
        if (variant_of(build, fault.file, test) == variant) asked.insert(test);
      const bool rows = variant == "double" && build.has(variant, fault.file);
      if (!rows && asked.empty()) continue;
      const std::string program = build.with(fault, variant, asked, own);
      if (rows) ask_rows(program, own, noticed);
      for (const std::string& test : asked) {
        const Finished outcome = run_test(program, test, own);
        if (!outcome.ok) noticed.tests.insert(test);
        if (outcome.late) noticed.late += (noticed.late.empty() ? "" : ", ") + test;
      }
    }
  } catch (const Error& error) {
    noticed.error = error.what();
  }
  std::filesystem::remove_all(own);
  return noticed;
}

std::string without_fault(const Build& build, const std::vector<Fault>& faults, const std::string& own) {
  std::set<std::pair<std::string, std::string>> tests;  // variant, test
  bool rows = false;
  for (const Fault& fault : faults) {
    rows = rows || build.has("double", fault.file);
    for (const std::string& test : fault.tests) tests.emplace(variant_of(build, fault.file, test), test);
  }
  std::filesystem::create_directories(own);
  Noticed noticed;
  if (rows) ask_rows(build.whole("double"), own, noticed);
  if (noticed.error != "") return noticed.error;
  if (!noticed.rows.empty()) return *noticed.rows.begin() + " fails";
  for (const auto& [variant, test] : tests) {
    const Finished outcome = run_test(build.whole(variant), test, own);
    if (outcome.output.find("test cases: 0 ") != std::string::npos) return test + " has no cases";
    if (!outcome.ok) return test + " fails:\n" + tail(outcome.output, 20);
  }
  return "";
}

}  // namespace ddpm::test
