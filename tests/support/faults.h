// Faults: small mistakes that `make mutants` inserts into the code, one at a time, and the checks that notice
// each. They are listed in tests/mutants.txt.
// Checked by: tests/project/test_faults.cpp.
//
//   # a comment
//   @ ddpm/posterior.cpp              the file of the faults below
//   7 6 8-11 A2 :: FIND ==> PUT       the rows of the equations' table that fail, and no others
//   test_schedule :: FIND ==> PUT     no row fails, but a case of tests/ddpm/test_schedule.cpp does
//
// Rows and files may be named together. A line that begins with white space continues the line before. FIND
// must occur once in the file, apart from white space.
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
std::string to_text(const Fault&);  // returns "ddpm/posterior.cpp: FIND ==> PUT"

// Reads a list. Throws Error with the line that cannot be read.
std::vector<Fault> parse_faults(const std::string& list);
const std::vector<Fault>& all_faults();

// Returns rows as the list writes them: {"Eq. (7)", "Eq. (1)", "Eq. (2)", "Algorithm 1"} is "7 1-2 A1".
std::string short_rows(const std::vector<std::string>&);

// The characters begin, ..., end - 1 of a source.
struct Place {
  size_t begin, end;
};
// Returns where `find` occurs in `source`, apart from white space.
std::vector<Place> places(const std::string& source, const std::string& find);
// Returns the source with the fault inserted. Throws Error unless FIND occurs in it once.
std::string mutated(const std::string& source, const Fault&);

// Returns the line of the file on which FIND begins; 0 unless FIND occurs once.
int line_of(const Fault&);
// Returns the row that the fault is counted for: the first that it names, if FIND is in a statement with this
// row's mark; else "".
std::string row_of(const Fault&);
// Returns how many faults of tests/mutants.txt are counted for the row.
int faults_of(const std::string& row);

// Returns `count` of the faults, chosen by a hash of the seed and the text of the fault.
std::vector<Fault> drawn(std::vector<Fault>, size_t count, const std::string& seed);

}  // namespace ddpm::test
