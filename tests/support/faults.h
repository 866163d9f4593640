// Faults: small mistakes to be put into the code, one at a time, and who notices each.
// tests/mutants.txt lists them, `make mutants` puts them in. Checked by: tests/project/test_faults.cpp.
//
//   # a comment
//   @ ddpm/posterior.cpp              the file of the faults below
//   7 6 8-11 A2 :: FIND ==> PUT       the rows of the equations' table that fail, and no others
//   test_schedule :: FIND ==> PUT     no row fails, but a case of tests/ddpm/test_schedule.cpp does
//
// Rows and files may be named together. A line that begins with white space goes on
// with the line before. FIND stands once in the file; white space does not count.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddpm::test {

struct Fault {
  std::string file;
  std::vector<std::string> rows;   // "Eq. (7)", "Algorithm 2"
  std::vector<std::string> tests;  // "test_schedule"
  std::string find, put;
};
std::string to_text(const Fault&);  // "ddpm/posterior.cpp: FIND ==> PUT"

// Error, with the line, where the list cannot be read.
std::vector<Fault> parse_faults(const std::string& list);
const std::vector<Fault>& all_faults();

// Rows as the list writes them: {"Eq. (7)", "Eq. (1)", "Eq. (2)", "Algorithm 1"} is "7 1-2 A1".
std::string short_rows(const std::vector<std::string>&);

// Where `find` stands in `source`, white space aside: from its first character to
// after its last.
struct Place {
  size_t begin, end;
};
std::vector<Place> places(const std::string& source, const std::string& find);
// The file with the fault in it. Error unless FIND stands there once.
std::string mutated(const std::string& source, const Fault&);

// The line of the file that FIND begins on; 0 unless it stands there once.
int line_of(const Fault&);
// The row that the fault is counted for: the first that it names, if FIND stands in a
// statement that carries this row's mark; else "".
std::string row_of(const Fault&);
int faults_of(const std::string& row);  // how many of the list are counted for it

// `count` of the faults, drawn by a hash of the seed and the fault's text.
std::vector<Fault> drawn(std::vector<Fault>, size_t count, const std::string& seed);

}  // namespace ddpm::test
