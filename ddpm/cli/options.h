// The command line's options: a table says what there is, the parser holds
// the arguments against it, and help is printed from the same table.
// `--name value` and `--name=value`; a switch is `--name` alone (or =on, =off).
// Rules: every mistake is a UsageError that names the option and what it takes.
// Checked by: tests/test_options.cpp.
#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "kernels/types.h"

namespace ddpm {

// A command line that cannot be understood: main prints it and exits 2.
struct UsageError : Error {
  using Error::Error;
};

// Turns a value into its one canonical text ("1e-3" into "0.001"), or throws
// UsageError with the words that follow "--name value: ".
using Check = std::function<std::string(const std::string& value)>;
Check any_text();                              // not empty
Check whole(int64_t lowest, int64_t highest);  // a whole number
Check number(double lowest, double highest);   // a finite number
enum class Empty { refused, none };            // is an empty list, written "none", a value?
Check whole_list(int64_t lowest, int64_t highest, size_t longest, Empty = Empty::refused);  // 1,2,2
Check one_of(std::vector<std::string> choices);

// A number's shortest text that reads back as the same number.
std::string number_text(double value);

struct Option {
  std::string name;         // without the dashes
  std::string placeholder;  // "N"; "" makes it a switch
  std::string fallback;     // the default as text; "" for none
  std::string meaning;      // with the unit
  Check check = any_text();
};

class Options {
 public:
  // The table must outlive the object.
  Options(const std::vector<Option>& table, const std::vector<std::string>& arguments);

  bool given(const std::string& name) const { return given_.count(name) > 0; }
  // Is there a value: given, filled in or a default?
  bool has(const std::string& name) const { return !find(name).empty(); }
  // The value; UsageError that asks for the option if there is none.
  std::string value(const std::string& name) const;
  int64_t integer(const std::string& name) const;
  double number(const std::string& name) const;
  bool on(const std::string& name) const;                        // a switch
  std::vector<int64_t> integers(const std::string& name) const;  // {} for "none"

  // Gives an option that was not given a value. It is checked.
  void fill(const std::string& name, const std::string& value);
  // What fill() gave it, "" if nothing.
  std::string filled(const std::string& name) const;
  const std::vector<Option>& table() const { return table_; }

 private:
  const Option& option(const std::string& name) const;
  std::string find(const std::string& name) const;
  std::string checked(const Option&, const std::string& value) const;

  const std::vector<Option>& table_;
  std::map<std::string, std::string> given_, filled_;
};

// One line or more an option: name, placeholder, meaning, default.
void print_options(std::ostream&, const std::vector<Option>& table);

// The candidate nearest to the word by edit distance, "" if none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace ddpm
