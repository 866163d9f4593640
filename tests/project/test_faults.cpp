// The list of faults, tests/mutants.txt, compared with the sources: what `make mutants` relies on, without
// inserting a fault. Each rule is also shown to fail on a list that breaks it. The code:
// tests/support/faults.cpp, marks.h.
#include "tests/support/faults.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "tests/support/marks.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

constexpr int own_faults = 5;  // the least that each row must have in its marked statements

std::set<std::string> rows_of_the_table() {
  std::set<std::string> names;
  for (const Mark& mark : all_marks()) names.insert(mark.what);
  return names;
}

// Returns why a fault does not fit the sources, "" if it does: its FIND must occur once, and the rows and
// test files that it names must exist.
std::string unfit(const Fault& fault) {
  static const std::set<std::string> rows = rows_of_the_table();
  static const std::map<std::string, std::string> files = test_files();
  std::string bad;
  if (!std::filesystem::exists(fault.file)) return "there is no file " + fault.file;
  const size_t times = places(read_source(fault.file), fault.find).size();
  if (times != 1) bad += text("found ", times, " times; ");
  if (places(fault.put, fault.find).size() == 1 && places(fault.find, fault.put).size() == 1)
    bad += "changes nothing; ";
  for (const std::string& row : fault.rows)
    if (!rows.count(row)) bad += "there is no row " + row + "; ";
  for (const std::string& test : fault.tests)
    if (!files.count(test)) bad += "there is no " + test + ".cpp; ";
  return bad.empty() ? "" : bad + to_text(fault);
}

// Returns whether a fault in the function that carries the mark names the mark's row.
bool noticed_in_function(const Mark& mark, const std::vector<Fault>& faults, const std::vector<int>& lines) {
  for (size_t i = 0; i < faults.size(); ++i) {
    if (faults[i].file != mark.file || !mark.body.contain(lines[i])) continue;
    const auto& rows = faults[i].rows;
    if (std::find(rows.begin(), rows.end(), mark.what) != rows.end()) return true;
  }
  return false;
}

// Returns all that is wrong with a list, one line each; "" if nothing is.
std::string complaints(const std::vector<Fault>& faults) {
  std::set<std::string> bad, seen;
  std::map<std::string, int> own;  // row -> the number of faults that are counted for it
  std::vector<int> lines;
  for (const Fault& fault : faults) {
    bad.insert(unfit(fault));
    if (!seen.insert(to_text(fault)).second) bad.insert("listed twice: " + to_text(fault));
    lines.push_back(line_of(fault));
    ++own[row_of(fault)];
  }
  for (const Mark& mark : all_marks())
    if (!noticed_in_function(mark, faults, lines))
      bad.insert(text(mark.function, " has no fault that ", mark.what, " notices"));
  for (const std::string& row : rows_of_the_table())
    if (own[row] < own_faults) bad.insert(text(row, " has ", own[row], " faults of its own"));
  std::string all;
  for (const std::string& line : bad) all += line.empty() ? "" : line + "\n";
  return all;
}

// Returns the list without the faults for which `drop` is true, except the first `keep` of them.
std::vector<Fault> without(const std::function<bool(const Fault&)>& drop, int keep = 0) {
  std::vector<Fault> rest;
  for (const Fault& fault : all_faults())
    if (!drop(fault) || keep-- > 0) rest.push_back(fault);
  return rest;
}

// Returns what is wrong with the list after a fault is added.
std::string complaints_with(const Fault& fault) {
  std::vector<Fault> faults = all_faults();
  faults.push_back(fault);
  return complaints(faults);
}

}  // namespace

TEST_CASE("faults: every fault fits the sources, and every mark and row has its faults") {
  CHECK(complaints(all_faults()) == "");
}

TEST_CASE("faults: a list that breaks a rule is refused") {
  const std::string file = "ddpm/posterior.cpp", find = "std::sqrt(alpha[t])";
  CHECK(complaints_with({file, {"Eq. (7)"}, {}, find, "0.5"}) == "");
  CHECK(complaints_with({file, {"Eq. (7)"}, {}, "no such text", "0"}) ==
        "found 0 times; ddpm/posterior.cpp: no such text ==> 0\n");
  CHECK(contains(complaints_with({file, {"Eq. (7)"}, {}, "return", "0"}), "found 4 times; "));
  CHECK(
      contains(complaints_with({file, {"Eq. (7)"}, {}, find, "std::sqrt( alpha [t])"}), "changes nothing; "));
  CHECK(complaints_with({"ddpm/none.cpp", {"Eq. (7)"}, {}, "a", "b"}) == "there is no file ddpm/none.cpp\n");
  CHECK(contains(complaints_with({file, {"Eq. (99)"}, {}, find, "0"}), "there is no row Eq. (99); "));
  CHECK(contains(complaints_with({file, {}, {"test_none"}, find, "0"}), "there is no test_none.cpp; "));
  CHECK(contains(complaints_with(all_faults().front()), "listed twice: "));
}

TEST_CASE("faults: a list that leaves a mark or a row without faults is refused") {
  const auto of_prior = [](const Fault& fault) { return contains(fault.find, "log_standard_normal(x_T)"); };
  CHECK(complaints(without(of_prior)) == "prior_log_density has no fault that Eq. (1) notices\n");
  const auto of_loop = [](const Fault& fault) { return fault.file == "ddpm/train.cpp"; };
  CHECK(complaints(without(of_loop)) ==
        "Algorithm 1 has 0 faults of its own\ntrain has no fault that Algorithm 1 notices\n");
  const auto of_density = [](const Fault& fault) { return row_of(fault) == "Eq. (6)"; };
  CHECK(complaints(without(of_density, own_faults)) == "");
  CHECK(complaints(without(of_density, own_faults - 1)) == "Eq. (6) has 4 faults of its own\n");
}

TEST_CASE("faults: the list is read") {
  const std::vector<Fault> faults =
      parse_faults("# a comment\n\n@ a/b.cpp\n7 3-5 A2 :: x = 1; ==> x = 2;\n"
                   "test_a 6\n  equations/test_b ::\n  std::sqrt(x)\n  ==> x\n@ c.h\ntest_c :: y ==> ;\n");
  REQUIRE(faults.size() == 3);
  CHECK(to_text(faults[0]) == "a/b.cpp: x = 1; ==> x = 2;");
  CHECK(faults[0].rows ==
        std::vector<std::string>{"Eq. (7)", "Eq. (3)", "Eq. (4)", "Eq. (5)", "Algorithm 2"});
  CHECK(faults[0].tests.empty());
  CHECK(to_text(faults[1]) == "a/b.cpp: std::sqrt(x) ==> x");
  CHECK(faults[1].rows == std::vector<std::string>{"Eq. (6)"});
  CHECK(faults[1].tests == std::vector<std::string>{"test_a", "equations/test_b"});
  CHECK(to_text(faults[2]) == "c.h: y ==> ;");
  CHECK(short_rows(faults[0].rows) == "7 3-5 A2");
  CHECK(short_rows({}) == "");
}

TEST_CASE("faults: a line of the list that cannot be read is named") {
  const auto error = [](const std::string& line) {
    return error_of([&] { parse_faults("@ a.cpp\n" + line); });
  };
  CHECK(error("7 :: x ==> y") == "no error");
  CHECK(error("7 x ==> y") == "cannot read the fault \"7 x ==> y\": no \" :: \"");
  CHECK(contains(error("7 :: x = y"), "no \" ==> \""));
  CHECK(contains(error("5-3 :: x ==> y"), "the rows 5-3 run backwards"));
  CHECK(contains(error_of([] { parse_faults("7 :: x ==> y"); }), "a fault before the first \"@ FILE\""));
}

TEST_CASE("faults: a fault is found and inserted, whatever the white space") {
  const std::string source = "f(a,\n  b); // f(a, c)\ng(a);\n";
  CHECK(places(source, "f( a, b )").size() == 1);
  CHECK(places(source, "f(a,").size() == 2);
  CHECK(places(source, "").empty());
  CHECK(places("aaa", "aa").size() == 2);
  const Fault fault{"x.cpp", {}, {}, "f(a, b)", "f(b, a)"};
  CHECK(mutated(source, fault) == "f(b, a); // f(a, c)\ng(a);\n");
  CHECK(error_of([&] { mutated(source + source, fault); }) == "f(a, b) stands in x.cpp 2 times, not once");
}

TEST_CASE("faults: which faults are drawn depends on the seed alone") {
  const std::vector<Fault>& all = all_faults();
  const auto names = [](const std::vector<Fault>& faults) {
    std::set<std::string> set;
    for (const Fault& fault : faults) set.insert(to_text(fault));
    return set;
  };
  const std::vector<Fault> reversed(all.rbegin(), all.rend());
  CHECK(names(drawn(all, 12, "a")).size() == 12);
  CHECK(names(drawn(all, 12, "a")) == names(drawn(reversed, 12, "a")));
  CHECK(names(drawn(all, 12, "a")) != names(drawn(all, 12, "b")));
  CHECK(names(drawn(all, 100000, "a")) == names(all));
}

TEST_CASE("faults: the statement of a mark ends at the next mark or with its function") {
  const ScratchFolder folder;
  const std::vector<Mark> marks = marks_in(folder.put("a.cpp", "int f(int a,\n"        // 1
                                                               "      int b) {\n"      // 2
                                                               "  // Eq. (1):  one\n"  // 3
                                                               "  one();\n"            // 4
                                                               "  // Eq. (2):  two\n"  // 5
                                                               "  two();\n"            // 6
                                                               "}\n"                   // 7
                                                               "void g() {\n"          // 8
                                                               "}\n"));
  REQUIRE(marks.size() == 2);
  for (int line = 1; line <= 9; ++line) {
    INFO(line);
    CHECK(marks[0].statement.contain(line) == (line == 3 || line == 4));
    CHECK(marks[1].statement.contain(line) == (line == 5 || line == 6));
    CHECK(marks[0].body.contain(line) == (line < 7));
    CHECK(marks[1].body.contain(line) == (line < 7));
  }
}

}  // namespace ddpm::test
