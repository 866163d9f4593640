// Builds the test programs with one fault in them. Objects that do not depend on the faulty file are those of
// `make test`. The commands are those that make's dry run prints.
//
// make compiles the files of a folder together. In the folder of a fault, each file is compiled by itself
// instead, so that a fault costs the compilation of one file.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/faults.h"

namespace ddpm::test {

class Build {
 public:
  // Gets the commands from make, and makes it compile the files of the faults' folders one by one. folder is
  // make's build folder, "build". Throws Error if make fails.
  Build(const std::string& folder, const std::vector<Fault>&);

  // Return whether the file, or the test, is in the program of this variant, "float" or "double".
  bool has(const std::string& variant, const std::string& file) const;
  bool has_test(const std::string& variant, const std::string& test) const;

  // Returns the path of the program without a fault.
  std::string whole(const std::string& variant) const;
  // Builds a program with the fault, the cases of these tests and the equations' table, and returns its path.
  // Writes all files into the folder `own`. Throws Error if it does not compile.
  std::string with(const Fault&, const std::string& variant, const std::set<std::string>& tests,
                   const std::string& own) const;

 private:
  std::vector<std::string> objects(const std::string& variant) const;
  std::vector<std::string> apart(const std::string& variant, const std::string& file) const;
  void ask_make(const std::string& targets);
  void compile(const std::string& object, const Fault&, const std::string& own, const std::string& to) const;

  std::string folder_, make_;
  std::map<std::string, std::vector<std::string>> commands_;  // target -> words
};

}  // namespace ddpm::test
