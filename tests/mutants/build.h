// The test programs with one fault in them. Objects that the fault does not concern are
// those of `make test`; the commands are make's own, as its dry run prints them.
//
// A folder's files are compiled together as a rule. Of the folder of a fault each file
// has an object of its own, so that a fault costs one file's compilation.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/faults.h"

namespace ddpm::test {

class Build {
 public:
  // Asks make for the commands, and has it compile what the faults' folders need.
  // folder: make's, "build".
  Build(const std::string& folder, const std::vector<Fault>&);

  // Is the file part of the program of this variant, "float" or "double"?
  bool has(const std::string& variant, const std::string& file) const;
  bool has_test(const std::string& variant, const std::string& test) const;

  // The program without any fault.
  std::string whole(const std::string& variant) const;
  // The program with the fault and with these tests' cases, beside the equations'.
  // Written below `own`, as is everything else; Error if it does not compile.
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
